import type { AuditLine } from "@inlet/contracts";
import { escapeFormula } from "@inlet/delimited";

const COLUMNS = ["id", "at", "actor", "address", "session", "action", "path", "sha256", "outcome", "detail"] as const;

/** The first line of an audit as CSV. */
export const AUDIT_CSV_HEADER = `${COLUMNS.join(",")}\r\n`;

/** A line of the audit as CSV (RFC 4180), safe to be opened in a spreadsheet: what strangers type comes into it. */
export function auditCsvLine(line: AuditLine): string {
  const cells = COLUMNS.map((name) => {
    const value = line[name];
    if (value === null) return "";
    if (typeof value === "number") return String(value);
    return quote(escapeFormula(typeof value === "string" ? value : JSON.stringify(value)));
  });
  return `${cells.join(",")}\r\n`;
}

const quote = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
