import { AppError, type Reason } from "@inlet/contracts";
import { asUnavailable, type StoredError } from "@inlet/database";
import { backOffMs } from "../retry.ts";

/** What is done after a pull's attempt has failed. */
export type AfterPullFailure =
  | { action: "retry"; delayMs: number; error: StoredError; failedPage: number | null; isSystems: boolean }
  | { action: "stop"; reason: Reason; failedPage: number | null; isSystems: boolean };

/** Attempts in a row without a page in between. A system that is away is waited for some minutes. */
const MOST_FAILURES = { unavailable: 6, unknown: 3, probe: 1 };

/** Codes of what is no fault of the system's: PostgreSQL is away, or a disk of ours is full. */
const OURS: readonly string[] = ["database_unavailable", "disk_full", "data_folder_missing"];

/** What is known of the attempt that failed. */
export interface FailedPull {
  tableName: string;
  purpose: "import" | "probe";
  /** In a row, this one included. */
  failures: number;
  expected: number | null;
  received: number;
  pages: number;
}

/**
 * Decides on a pull's failure: tried again with back-off where it may pass, else stopped, with what was expected, what came,
 * which page failed and what to do.
 * @param random in [0, 1)
 * @param firstMs before the first retry
 */
export function afterPullFailure(
  failure: unknown,
  pull: FailedPull,
  { random, firstMs }: { random: number; firstMs: number },
): AfterPullFailure {
  const cause = asUnavailable(failure);
  const known = cause instanceof AppError ? cause : undefined;
  // What fails before a pull can go on fails for want of its next page.
  const nextPage = pull.pages > 0 ? pull.pages + 1 : null;
  const failedPage = typeof known?.context.page === "number" ? known.context.page : nextPage;
  const isOurs = known !== undefined && OURS.includes(known.code);
  const isSystems = known?.retryable === true && !isOurs;
  const error: StoredError = known
    ? { code: known.code, message: known.message, retryable: known.retryable }
    : {
        code: "unexpected",
        message: `Unexpected error: ${cause instanceof Error ? cause.name : "no error"}`,
        retryable: true,
      };
  const most =
    pull.purpose === "probe" && !isOurs
      ? MOST_FAILURES.probe
      : known
        ? MOST_FAILURES.unavailable
        : MOST_FAILURES.unknown;
  if (error.retryable && (isOurs || pull.failures < most)) {
    const asked = typeof known?.context.waitMs === "number" ? known.context.waitMs : 0;
    const delayMs = Math.max(asked, backOffMs(pull.failures, random, firstMs));
    return { action: "retry", delayMs, error, failedPage, isSystems };
  }
  return { action: "stop", reason: stopReason(error, pull, failedPage), failedPage, isSystems };
}

/** Codes of refused access, and of a set-up that is wrong: stopped before any page came. */
function stopReason(error: StoredError, pull: FailedPull, failedPage: number | null): Reason {
  if (pull.purpose === "probe") return { code: error.code, message: error.message };
  const { tableName, expected, received, pages, failures } = pull;
  const came = expected === null ? `${received} items came` : `${expected} items were expected and ${received} came`;
  const tried = failures > 1 ? ` It was tried ${failures} times.` : "";
  if (failedPage !== null) {
    return {
      code: "pull_page_failed",
      message: `${tableName}: ${came}, then page ${failedPage} failed: ${error.message}${tried} Nothing was imported. When the system is well again, pull once more, or wait for the next due time.`,
    };
  }
  return {
    code: error.retryable ? "pull_unavailable" : "pull_access_denied",
    message: `${tableName}: ${pages === 0 ? "nothing was pulled" : came}: ${error.message}${tried} Nothing was imported. ${error.retryable ? "When the system answers again, pull once more, or wait for the next due time." : "Mend this, look at what a probe says, then pull once more."}`,
  };
}

/** A worker that vanished this often on one pull without a page in between: it may be the pull that kills it. */
export const MOST_PULL_LOSSES = 5;

/** Why a pull is given up whose workers vanish. */
export const pullLost = (tableName: string): Reason => ({
  code: "pull_worker_lost",
  message: `${tableName}: the worker on this pull vanished ${MOST_PULL_LOSSES} times in a row (a crash, or too little memory). Nothing was imported. Look at the pullers' logs, then pull once more.`,
});
