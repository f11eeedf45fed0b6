import type { Mapping, Reason } from "@inlet/contracts";
import type { Artifact } from "@inlet/database";

/** A file that has arrived, whole and hashed. */
export interface ReceivedFile {
  arrivalId: number | null;
  accountId: number | null;
  source: string;
  fileName: string;
  sizeBytes: number;
  sha256: Buffer;
  declared: number | null;
  /** Which label means which column, as its sender chose it. */
  mapping?: Mapping | null;
  /** The table that the name belongs to; null when there is none. */
  tableName: string | null;
  /** What its batch shares with others of its run: the date in its name; null makes it a run of its own. */
  runKey: string | null;
  /** The date in its name, YYYY-MM-DD; null or absent: it has none. For projects with a schedule. */
  fileDate?: string | null;
  /** It is called like an error file that comes back: no duplicate, however often one of its name comes. */
  isErrorFile?: boolean;
  /** Why it cannot be worked on at all, for example because its name belongs to no table. */
  refusal: Reason | null;
  /**
   * The batch of the ZIP that it came in with others. `runKey` is then that of the ZIP's run, and a duplicate is one by
   * content alone: the name that counts is the ZIP's.
   */
  partOf?: number;
  /**
   * The first batch of a stored file that is received again by an operator: `runKey` is that of its run, the file is no
   * duplicate whatever the profile says, and with `forcedReason` it is imported over what came after it.
   */
  rerun?: { of: number; forcedReason: string | null };
}

/** A received file and how its bytes get under its batch's id; null when there are none (a refused file that is lost). */
export interface IncomingFile extends ReceivedFile {
  storeSource: (batchId: number) => Promise<Artifact | null>;
  /** The same of the flag file that came with it, where one did. */
  storeFlag?: (batchId: number) => Promise<Artifact>;
}
