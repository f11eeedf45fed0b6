import type { BatchStatus, Counts, Issue, Profile, Reason, StepKind, Table } from "@inlet/contracts";
import type { Artifact, ClaimedStep, MessageRef, StepRef, Tx } from "@inlet/database";
import type { Logger } from "@inlet/runtime";

/** What a stage gets to work on: the claimed step with its batch, and the profile that the batch was received under. */
export interface StepWork<T extends Table | null = Table> {
  readonly step: ClaimedStep;
  readonly profile: Profile;
  /**
   * The batch's table. Null, for the first stage alone: a ZIP or an OpenPGP message under a name that tells no table; the stage
   * finds it inside, or ends the batch.
   */
  readonly table: T;
  /** When the step was claimed, on the clock of `performance.now()`: until a lease later nobody else can own it. */
  readonly claimedAtMs: number;
  /** Aborts when the step is no longer ours, or the service stops: end soon, by throwing. */
  readonly signal: AbortSignal;
  /**
   * To be asked after each piece of a large file, such as half a megabyte, and waited for: small files of the process come
   * first. Undefined: go on at once.
   */
  readonly giveWay: () => Promise<void> | undefined;
  readonly logger: Logger;
}

/** What a stage found, to be recorded with its step. */
interface Findings {
  /** The table that the file turned out to belong to, where its name told none. A batch that has a table keeps it. */
  tableName?: string;
  counts?: Partial<Counts>;
  artifacts?: readonly Artifact[];
  /** The sample of findings that is kept in PostgreSQL. */
  issues?: readonly Issue[];
  /** The exact number of findings by code. */
  issueTotals?: Record<string, number>;
  linkKeyId?: number;
  linksExpireAt?: Date;
  /** Which version of the storyboard the batch's links show. A batch that has one keeps it. */
  storyboardVersion?: number;
  /** The rows are in the client's table. */
  imported?: boolean;
  /** What later stages need to know; small, and without personal data. */
  result?: Record<string, unknown>;
}

/** What a transaction made due: to be published after its commit. */
export interface Due {
  /** Batches that it made. */
  batches?: readonly number[];
  steps: readonly StepRef[];
  messages: readonly MessageRef[];
}

/** How a stage ended: on to the next one, or the end of the batch. */
export type Decision =
  | (Findings & { verdict: "advance" })
  | (Findings & {
      verdict: "end";
      status: Extract<BatchStatus, "rejected" | "superseded" | "failed" | "unpacked">;
      reason: Reason;
      /** What the stage itself made due in the transaction that ends it: the first steps of batches that it has made. */
      due?: Due;
    });

/** Shorthand for the usual end of a stage. */
export function advance(findings: Findings = {}): Decision {
  return { ...findings, verdict: "advance" };
}

/** Ends the batch because of what its file holds. */
export function reject(reason: Reason, findings: Findings = {}): Decision {
  return { ...findings, verdict: "end", status: "rejected", reason };
}

/**
 * One stage of the pipeline. It either returns its decision, which the shell records in a transaction of its own; or
 * `{ transact }`, which the shell runs inside that very transaction, so that what it writes into the client's tables and
 * the step's end are one commit. A stage may run twice and must make the same bytes again.
 */
export type Stage<T extends Table | null = Table> = (work: StepWork<T>) => Promise<Decision | Transaction>;

/** A stage that also takes batches whose table is not known yet: the first one. */
export type FirstStage = Stage<Table | null>;

/** Work inside the transaction that ends the step. */
export interface Transaction {
  transact: (tx: Tx) => Promise<Decision>;
  /** It holds what readers wait for, so that no other step's work may be in its transaction. */
  isAlone?: boolean;
  /** Told after the commit, for what may only be remembered then. */
  committed?: () => void;
}

/** The stages and who works on them, for messages to people. */
export const STAGE_NAMES: Readonly<Record<StepKind, string>> = {
  validate: "check",
  personalise: "links",
  import: "import",
  deliver: "delivery",
};
