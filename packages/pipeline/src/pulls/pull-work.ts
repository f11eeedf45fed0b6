import type { Profile, Reason } from "@inlet/contracts";
import type { ClaimedPull, PullBeginning, PullProgress } from "@inlet/database";
import type { Logger } from "@inlet/runtime";

/** A pull that is to be done, and what keeps it ours. */
export interface PullWork {
  pull: ClaimedPull;
  /** The project's profile, as of the claim. */
  profile: Profile;
  /** Aborts when the pull is no longer ours, or the service stops. */
  signal: AbortSignal;
  logger: Logger;
  /** Keeps that the pull begins, or begins anew, and with which question. @throws when the pull is no longer ours */
  begin(beginning: PullBeginning): Promise<void>;
  /** Keeps how far the pull is; what the spool holds up to there is on the disk. @throws when the pull is no longer ours */
  keep(progress: PullProgress): Promise<void>;
}

/** What a pull came to. */
export type PullResult =
  /** Everything came. `location` is relative to the data folder; the file is on the disk, whole. */
  | { end: "received"; progress: PullProgress; file: { location: string; sizeBytes: number; sha256: Buffer } }
  /** Nothing new. */
  | { end: "unchanged"; progress: PullProgress }
  /** It did not bring what was expected: nothing of it is imported. */
  | { end: "stopped"; reason: Reason; failedPage: number | null; progress: PullProgress }
  /** What was asked for is not there any more, such as the table. */
  | { end: "cancelled"; reason: Reason }
  | { end: "probed"; result: object };

/**
 * Does a pull. A retryable AppError is tried again with back-off, from where `keep` left it; another one stops the pull. The
 * number of the page that failed goes into the error's context, as `page`.
 */
export type DoPull = (work: PullWork) => Promise<PullDone>;

/** What a pull came to, and what is left to be cleared away once that is written down. */
export type PullDone = PullResult & { clear?: () => Promise<void> };

/** How far a claimed pull is. */
export function progressOf(pull: ClaimedPull): PullProgress {
  const { position, spool, spoolBytes, pages, expected, received, duplicates, duplicateSamples, cursorTo } = pull;
  return { position, spool, spoolBytes, pages, expected, received, duplicates, duplicateSamples, cursorTo };
}
