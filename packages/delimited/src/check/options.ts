import type { Issue, Mapping, Table } from "@inlet/contracts";
import type { Claims } from "../controls/control-totals.ts";
import type { MappedLabel } from "../header/header.ts";
import type { Hooks, OwnRule } from "../rules/hook.ts";
import type { ReferenceLookUp } from "../rules/references.ts";
import type { ScanPlan } from "../scan/dialect.ts";
import type { FailedRecord } from "./record-findings.ts";

/**
 * Where the check's products go, as they come. A promise holds the check back; a chunk is lent until it resolves, and is
 * written over then.
 */
export interface CheckSinks {
  /** The canonical file (see canonical.ts). */
  canonical?: (chunk: Buffer) => void | Promise<void>;
  /** The index of the canonical file. */
  index?: (chunk: Buffer) => void | Promise<void>;
  /** The rejected file (see rejected.ts). */
  rejected?: (chunk: Buffer) => void | Promise<void>;
  /** Every record that failed, with its issues: `begin` comes first, once; `flush` is awaited now and then. */
  failed?: { begin: (scan: ScanPlan) => void; add: (record: FailedRecord) => void; flush: () => Promise<void> };
  /** The row index of the plain file (see `readWindow`), as far as its records were read, also where the file fails. */
  rows?: (chunk: Buffer) => void | Promise<void>;
  /** Every issue, as `onIssue`; `flush` is awaited now and then. Made for `FindingsWriter`. */
  findings?: { add: (issue: Issue) => void; flush: () => Promise<void> };
}

/** What a check is to look for, and whom to tell. */
export interface CheckOptions {
  table: Table;
  /** The records go into no database: that one may be too wide for a row there is no finding. */
  notStored?: boolean;
  /** Whoever wrote the file has told its keys apart, cell by cell: they are not looked for twice where that says it all. */
  hasKeysToldApart?: boolean;
  /** Labels that a later stage adds to the file, so that the file must not have them already. */
  reservedHeaders?: readonly string[];
  /** Which labels mean which columns, as a person chose it for this very file; the others are recognised. */
  mapping?: Mapping | undefined;
  /** What is known of the file beside its bytes: see `table.controls`. */
  claims?: Claims;
  /** Answers the rules `references`. Without it each is reported once as not checked, a warning. */
  references?: ReferenceLookUp;
  /** The functions that the rules `hook` name. Without it each is reported once as not checked, a warning. */
  hooks?: Hooks;
  /** Rules beside the table's own: asked of every record whose cells are all readable. */
  ownRules?: readonly OwnRule[];
  sinks?: CheckSinks;
  /**
   * Called once, when it is known how the records are to be read and which field is which column; findings about the header
   * have come by then. The plan's encoding and line end may still be corrected while the records are read.
   */
  onScan?: (scan: ScanPlan, columns: readonly MappedLabel[]) => void;
  /** Called for every issue, in the order of the file within one kind of finding; keep what you need. */
  onIssue?: (issue: Issue) => void;
  signal?: AbortSignal;
}
