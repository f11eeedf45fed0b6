import { jsonPathNames } from "@inlet/contracts";
import { valueAt } from "../../fields/outside-path.ts";
import { cellOf } from "../../fields/outside-value.ts";
import type { OutgoingChange, OutgoingItem } from "../../subscriber.ts";
import type { SftpFileSettings } from "./settings.ts";

type Form = Pick<SftpFileSettings, "delimiter" | "lineEnd">;

/** What comes before the fields in a file of changes. */
const CHANGE_COLUMNS = ["_operation", "_key", "_seq", "_changed_at"] as const;

/**
 * Lines as RFC 4180 has them, each with its end; NULL is an empty cell. Machines read these files, so nothing is done against what a
 * spreadsheet might take for a formula.
 */
export function openCsvLines({ delimiter, lineEnd }: Form, paths: readonly string[]) {
  const places = paths.map(jsonPathNames);
  const odd = new RegExp(`[${delimiter === "|" ? "\\|" : delimiter}"\\r\\n]|^\\s|\\s$`);
  const end = lineEnd === "lf" ? "\n" : "\r\n";
  const cell = (text: string) => (odd.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const line = (cells: readonly string[]) => cells.map(cell).join(delimiter) + end;
  const fieldsOf = ({ fields }: OutgoingItem) => places.map((names) => cellOf(valueAt(fields, names) ?? null) ?? "");
  return {
    header: () => line(paths),
    item: (item: OutgoingItem) => line(fieldsOf(item)),
    changeHeader: () => line([...CHANGE_COLUMNS, ...paths]),
    change: (item: OutgoingChange) =>
      line([item.isRemoved ? "removed" : "put", item.key, String(item.seq), item.changedAt, ...fieldsOf(item)]),
  };
}
