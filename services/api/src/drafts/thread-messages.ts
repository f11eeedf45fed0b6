import type { InferredTableView } from "@inlet/contracts";
import type { CheckProgress } from "./check-parts.ts";

/** What a thread is started with. */
export interface ThreadData {
  databaseUrl: string;
  dataFolder: string;
  /** The key-encryption key. */
  key: Uint8Array;
  /** The platform team's module of rules. */
  rulesModule: string | undefined;
}

/** What a thread is asked. One job at a time. */
export type ThreadRequest =
  | { kind: "check"; draftId: number; epoch: number }
  | { kind: "infer"; path: string; fileName: string }
  /** Give up what is under way. */
  | { kind: "abort" };

/** What it answers. */
export type ThreadAnswer =
  | { kind: "progress"; progress: CheckProgress }
  | { kind: "done"; inferred: InferredTableView | null }
  | { kind: "failed"; error: ThreadError };

/** An error as it crosses threads. */
export interface ThreadError {
  /** Null: no error of ours. */
  code: string | null;
  message: string;
  retryable: boolean;
  /** The file's fault. */
  isInput: boolean;
  stack: string | undefined;
}
