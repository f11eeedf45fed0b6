import type { Table } from "@inlet/contracts";
import type { ScanPlan } from "../scan/dialect.ts";

/**
 * The table as the file that was corrected is to be read: in the dialect that it was found to have, so that what was
 * mended does not make it look like another one.
 */
export function tableInDialect(table: Table, { dialect }: ScanPlan): Table {
  const { delimiter, quote, encoding } = dialect;
  const format = { ...table.format, delimiter, quote: quote ?? "none", escape: dialect.escape, encoding } as const;
  return { ...table, format };
}
