import type { Table } from "@inlet/contracts";

/**
 * How a label of the file was recognised: as the column's header, as one of its aliases, after normalising both, or, in a file
 * without header, by its place.
 */
export type MatchedBy = "exact" | "alias" | "normalised" | "position";

/** One field of the file's header. */
export interface MappedLabel {
  /** Position in the file, from 0. */
  index: number;
  /** As it stands in the file. */
  label: string;
  /** The table's column that it means; null for one that the table does not have. */
  column: string | null;
  matchedBy: MatchedBy | null;
  /** From 0 to 1. */
  confidence: number;
}

/** A finding about the header. */
export interface HeaderFinding {
  code:
    | "column_missing"
    | "header_duplicate"
    | "header_blank"
    | "header_unknown"
    | "header_reserved"
    | "header_trailing_delimiter";
  severity: "error" | "warning";
  /** Index of the label it concerns, or null. */
  index: number | null;
  /** The table's column, or the label. */
  column: string | null;
  message: string;
}

/** Which field of the file means which column, and what is wrong with the header. */
export interface HeaderMapping {
  labels: MappedLabel[];
  findings: HeaderFinding[];
}

const CONFIDENCE: Readonly<Record<MatchedBy, number>> = { exact: 1, alias: 1, normalised: 0.9, position: 1 };
/** Not white space to `trim`, but as invisible in a label: zero-width space and joiners, byte-order mark. */
const INVISIBLE = /^[\s\u200b-\u200d\u2060\ufeff]+|[\s\u200b-\u200d\u2060\ufeff]+$/g;

/** A label without the spaces and invisible characters round it. */
export function trimLabel(label: string): string {
  return label.replace(INVISIBLE, "");
}

/** A label without case, accents, spaces and punctuation; the empty string when nothing is left. */
export function normaliseLabel(label: string): string {
  if (/^[\x20-\x7e]*$/.test(label)) return label.toLowerCase().replace(/[^a-z0-9]/g, "");
  return label
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/ß/g, "ss")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}

/** The ways in which a table's columns may be labelled: normalised label → column. */
export function expectedLabels(table: Pick<Table, "columns">): Map<string, string> {
  const expected = new Map<string, string>();
  for (const column of table.columns) {
    for (const label of [column.header ?? column.name, ...column.aliases, column.name]) {
      const key = normaliseLabel(label);
      if (key !== "" && !expected.has(key)) expected.set(key, column.name);
    }
  }
  return expected;
}

/**
 * Finds the column of each label: first by the exact header, then by an alias, then by what is left of both when case,
 * spaces, accents and punctuation are taken away. A better match is never given up for a worse one.
 * @param reserved labels that Inlet itself is going to add.
 */
export function mapHeader(
  table: Pick<Table, "columns" | "extraColumns" | "key">,
  labels: readonly string[],
  reserved: readonly string[] = [],
): HeaderMapping {
  const findings: HeaderFinding[] = [];
  const mapped = labels.map<MappedLabel>((label, index) => ({
    index,
    label,
    column: null,
    matchedBy: null,
    confidence: 0,
  }));
  const taken = new Map<string, MappedLabel>();
  const expected = expectedLabels(table);
  const matchers: [MatchedBy, (label: string) => string | undefined][] = [
    ["exact", (label) => table.columns.find((column) => (column.header ?? column.name) === label)?.name],
    ["alias", (label) => table.columns.find((column) => column.aliases.includes(label))?.name],
    ["normalised", (label) => expected.get(normaliseLabel(label))],
  ];
  for (const [matchedBy, find] of matchers) {
    for (const entry of mapped) {
      if (entry.column !== null) continue;
      const column = find(trimLabel(entry.label));
      if (column === undefined) continue;
      const other = taken.get(column);
      // A worse match for a column that is there already is another column of the file, not a second one of the table.
      if (other !== undefined && other.matchedBy !== matchedBy) continue;
      if (other !== undefined) {
        findings.push({
          code: "header_duplicate",
          severity: "error",
          index: entry.index,
          column,
          message: `The header has column ${column} twice: as ${place(other)} and as ${place(entry)}. Remove or rename one of them.`,
        });
        continue;
      }
      Object.assign(entry, { column, matchedBy, confidence: CONFIDENCE[matchedBy] });
      taken.set(column, entry);
    }
  }
  findings.push(...unmappedFindings(table, mapped, reserved), ...missingFindings(table, taken));
  return { labels: mapped, findings };
}

function unmappedFindings(
  table: Pick<Table, "extraColumns" | "columns">,
  mapped: readonly MappedLabel[],
  reserved: readonly string[],
): HeaderFinding[] {
  const findings: HeaderFinding[] = [];
  const reservedKeys = new Set(reserved.map(normaliseLabel));
  const seen = new Map<string, MappedLabel>();
  for (const entry of mapped) {
    const label = trimLabel(entry.label);
    if (reservedKeys.has(normaliseLabel(label)) && label !== "") {
      findings.push({
        code: "header_reserved",
        severity: "error",
        index: entry.index,
        column: label,
        message: `The column ${label} is one that is added to the result file; remove it from the file or rename it.`,
      });
    }
    if (entry.column !== null) continue;
    if (label === "") {
      const last = entry.index === mapped.length - 1 && mapped.length > 1;
      findings.push({
        code: last ? "header_trailing_delimiter" : "header_blank",
        severity: last ? "warning" : "error",
        index: entry.index,
        column: null,
        message: last
          ? "The header ends with a delimiter, so that there is a last column without a name. It is not imported."
          : `Column ${entry.index + 1} of the header has no name. Give it one, or remove the column.`,
      });
      continue;
    }
    const twin = seen.get(label);
    if (twin !== undefined) {
      findings.push({
        code: "header_duplicate",
        severity: "warning",
        index: entry.index,
        column: label,
        message: `The header has ${place(twin)} again as ${place(entry)}.`,
      });
    }
    seen.set(label, entry);
    if (table.extraColumns === "reject") {
      findings.push({
        code: "header_unknown",
        severity: "error",
        index: entry.index,
        column: label,
        message: `The column ${label} is not expected. Expected are: ${listColumns(table)}.`,
      });
    }
  }
  return findings;
}

/** A column that is part of the key cannot be left out, optional or not. */
function missingFindings(
  table: Pick<Table, "columns" | "key">,
  taken: ReadonlyMap<string, MappedLabel>,
): HeaderFinding[] {
  return table.columns
    .filter((column) => (!column.optional || table.key.includes(column.name)) && !taken.has(column.name))
    .map<HeaderFinding>((column) => ({
      code: "column_missing",
      severity: "error",
      index: null,
      column: column.name,
      message: `The column ${column.header ?? column.name} is missing from the header. Add it, or check how it is spelled.`,
    }));
}

function listColumns(table: Pick<Table, "columns">): string {
  const names = table.columns.map((column) => column.header ?? column.name);
  return names.length > 20 ? `${names.slice(0, 20).join(", ")} and ${names.length - 20} more` : names.join(", ");
}

function place(entry: MappedLabel): string {
  return `\`${trimLabel(entry.label)}\` (column ${entry.index + 1})`;
}
