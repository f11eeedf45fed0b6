import type { Blobs } from "@inlet/blobs";
import type { Profile } from "@inlet/contracts";
import type { Database, DraftRow } from "@inlet/database";
import type { Hooks } from "@inlet/delimited";

/** What checking drafts needs. */
export interface CheckParts {
  database: Database;
  /** The drafts' own. */
  store: Blobs;
  /** Opens the project's keys and passwords. */
  keyEncryptionKey: Buffer;
  /** The platform team's own rules. */
  hooks: Hooks;
}

/** How far a check is. */
export interface CheckProgress {
  phase: "opening" | "checking";
  doneBytes: number;
  totalBytes: number;
}

/** A check under way. */
export interface Running {
  signal: AbortSignal;
  onProgress(progress: CheckProgress): void;
}

/** A draft with the profile that it is held against. */
export interface Subject {
  draft: DraftRow;
  profile: Profile;
  /** Null for a trial. */
  profileVersion: number | null;
  rehearsal: boolean;
}
