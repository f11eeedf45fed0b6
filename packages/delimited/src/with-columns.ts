import type { AddedColumns } from "./added-columns.ts";
import type { ScanPlan } from "./dialect.ts";
import type { ByteSource } from "./source.ts";

/** What {@link withColumns} needs. */
export interface WithColumnsInput {
  /** The client's plain file, the one that was checked. */
  source: ByteSource;
  /** `report.scan` of its check. */
  plan: ScanPlan;
  /** The bytes of the rejected file (in chunks); none rejected: an empty list. */
  rejected: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  added: AddedColumns;
  signal?: AbortSignal | undefined;
}

/**
 * The client's own bytes with columns added: BOM, title lines, header, every record that was not rejected, blank lines,
 * and line ends stay as they came; the new cells stand before each record's line end. Each chunk belongs to the caller.
 */
export type WithColumns = (input: WithColumnsInput) => AsyncGenerator<Buffer, void>;
