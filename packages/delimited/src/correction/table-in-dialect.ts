import type { Format, Table } from "@inlet/contracts";
import type { Marks, ScanPlan } from "../scan/dialect.ts";

/**
 * The table as the file that was corrected is to be read: as it was read then, so that neither what was mended nor a newer
 * version of the profile cuts it into other records.
 */
export function tableInDialect(table: Table, { dialect, limits, header }: ScanPlan): Table {
  // A plan may have been stored before there were these: then they were so.
  const { escape: quoteEscape = "doubled", reading = "strict", comment, trimSpaces = false, trailer }: Marks = dialect;
  const format: Format = {
    ...{ delimiter: dialect.delimiter, quote: dialect.quote ?? "none", encoding: dialect.encoding },
    ...{ escape: quoteEscape, reading, trimSpaces },
    ...(comment && { comment }),
    ...(trailer && { trailer }),
    preambleLines: header.line - 1,
    headerLines: header.records ?? 1,
  };
  return { ...table, format, limits: { ...table.limits, ...limits } };
}
