import type { Mapping, Table } from "@inlet/contracts";
import { findNearMisses, type NearMiss } from "./near-misses.ts";

/**
 * How a label of the file was recognised: as the column's header, as one of its aliases, after normalising both, as a
 * misspelling, or, in a file without header, by its place. `chosen`: a person said what it means.
 */
export type MatchedBy = "exact" | "alias" | "normalised" | "fuzzy" | "position" | "chosen";

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
    | "header_fuzzy"
    | "header_similar"
    | "header_trailing_delimiter";
  severity: "error" | "warning";
  /** Index of the label it concerns, or null. */
  index: number | null;
  /** The table's column, or the label. */
  column: string | null;
  message: string;
  /** What the label should read, where it is probably a misspelling. */
  fix?: string;
}

/** Which field of the file means which column, and what is wrong with the header. */
export interface HeaderMapping {
  labels: MappedLabel[];
  findings: HeaderFinding[];
}

const CONFIDENCE = { exact: 1, alias: 1, normalised: 0.9 } as const;
/** A misspelling is never as sure as a label that differs in its punctuation only. */
const MOST_FUZZY_CONFIDENCE = 0.89;
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

/**
 * The ways in which a table's columns may be labelled: normalised label → column.
 * @param chosen what a person has said of the file at hand goes first.
 */
export function expectedLabels(table: Pick<Table, "columns">, chosen?: Mapping): Map<string, string> {
  const expected = new Map<string, string>();
  for (const { label, column } of chosen?.columns ?? []) {
    if (column !== null && normaliseLabel(label) !== "") expected.set(normaliseLabel(label), column);
  }
  for (const column of table.columns) {
    for (const label of [column.header ?? column.name, ...column.aliases, column.name]) {
      const key = normaliseLabel(label);
      if (key !== "" && !expected.has(key)) expected.set(key, column.name);
    }
  }
  return expected;
}

type HeaderTable = Pick<Table, "columns" | "extraColumns" | "key"> & { format?: Pick<Table["format"], "reading"> };

/**
 * Finds the column of each label: first by the exact header, then by an alias, then by what is left of both when case,
 * spaces, accents and punctuation are taken away. A better match is never given up for a worse one. A label that is probably
 * misspelt means its column only in tolerant reading, with a warning; in strict reading it is named where the column is
 * missing, so that nothing is imported that the client and its contract do not agree about.
 * @param reserved labels that Inlet itself is going to add.
 * @param chosen what a person has said of some of these labels: that goes before all recognition. A label that is not to be
 *   imported is not asked about any more. See {@link mappingProblem} for one that is another file's.
 */
export function mapHeader(
  table: HeaderTable,
  labels: readonly string[],
  reserved: readonly string[] = [],
  chosen?: Mapping,
): HeaderMapping {
  const { mapped, taken, findings } = takeChosen(labels, chosen);
  const expected = expectedLabels(table);
  const matchers: [keyof typeof CONFIDENCE, (label: string) => string | undefined][] = [
    ["exact", (label) => table.columns.find((column) => (column.header ?? column.name) === label)?.name],
    ["alias", (label) => table.columns.find((column) => column.aliases.includes(label))?.name],
    ["normalised", (label) => expected.get(normaliseLabel(label))],
  ];
  for (const [matchedBy, find] of matchers) {
    for (const entry of mapped) {
      if (entry.matchedBy !== null) continue;
      const column = find(trimLabel(entry.label));
      if (column === undefined) continue;
      const other = taken.get(column);
      // A worse match for a column that is there already is another column of the file, not a second one of the table.
      if (other !== undefined && other.matchedBy !== matchedBy) continue;
      if (other !== undefined) {
        findings.push(twice(column, other, entry));
        continue;
      }
      Object.assign(entry, { column, matchedBy, confidence: CONFIDENCE[matchedBy] });
      taken.set(column, entry);
    }
  }
  const nearMisses = nearMissesOf(table, mapped, taken, reserved);
  if (table.format?.reading === "tolerant") {
    for (const miss of nearMisses) findings.push(takeFuzzy(mapped[miss.index]!, miss, taken));
  }
  findings.push(...unmappedFindings(table, mapped, reserved), ...missingFindings(table, mapped, taken, nearMisses));
  return { labels: mapped, findings };
}

/**
 * The columns of a file without header: its cells are the table's columns, in order, but for those of which a person has said
 * what they are.
 */
export function mapByPosition(table: HeaderTable, chosen?: Mapping): HeaderMapping {
  const { mapped, taken, findings } = takeChosen(positionLabels(table), chosen);
  for (const [index, entry] of mapped.entries()) {
    const column = table.columns[index]!.name;
    if (entry.matchedBy !== null || taken.has(column)) continue;
    Object.assign(entry, { column, matchedBy: "position", confidence: 1 });
    taken.set(column, entry);
  }
  findings.push(...missingFindings(table, mapped, taken, []));
  return { labels: mapped, findings };
}

/** The labels of a file without header. */
export function positionLabels({ columns }: Pick<Table, "columns">): string[] {
  return columns.map(({ name, header }) => header ?? name);
}

/** Why a chosen mapping is none of this file's labels or of this table's columns; undefined: it is. */
export function mappingProblem(
  { columns }: Pick<Table, "columns">,
  labels: readonly string[],
  chosen: Mapping,
): string | undefined {
  const seen = new Set<number>();
  for (const { index, label, column } of chosen.columns) {
    const found = labels[index];
    if (found !== label) {
      const there = found === undefined ? `the file has ${labels.length} columns` : `it is \`${found}\` there`;
      return `The columns were chosen for another file: column ${index + 1} should be \`${label}\`, but ${there}. Choose them for this file.`;
    }
    if (seen.has(index)) return `Column ${index + 1}, \`${label}\`, was chosen twice. Choose one meaning for it.`;
    seen.add(index);
    if (column === null || columns.some(({ name }) => name === column)) continue;
    return `\`${label}\` was chosen to be the column ${column}, which the table does not have. Choose another one.`;
  }
  return undefined;
}

/** The labels with what a person has said of them, and nothing else yet. */
function takeChosen(labels: readonly string[], chosen: Mapping | undefined) {
  const findings: HeaderFinding[] = [];
  const mapped = labels.map<MappedLabel>((label, index) => ({
    ...{ index, label, column: null, matchedBy: null, confidence: 0 },
  }));
  const taken = new Map<string, MappedLabel>();
  for (const { index, column } of chosen?.columns ?? []) {
    const entry = mapped[index]!;
    const other = column === null ? undefined : taken.get(column);
    if (column !== null && other !== undefined) findings.push(twice(column, other, entry));
    Object.assign(entry, { column: other === undefined ? column : null, matchedBy: "chosen", confidence: 1 });
    if (column !== null && other === undefined) taken.set(column, entry);
  }
  return { mapped, taken, findings };
}

function twice(column: string, first: MappedLabel, second: MappedLabel): HeaderFinding {
  return {
    code: "header_duplicate",
    severity: "error",
    index: second.index,
    column,
    message: `The header has column ${column} twice: as ${place(first)} and as ${place(second)}. ${second.matchedBy === null && first.matchedBy !== "chosen" ? "Remove or rename one of them." : "Choose one of them."}`,
  };
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
    if (entry.matchedBy !== null) continue;
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

function nearMissesOf(
  { columns }: Pick<Table, "columns">,
  mapped: readonly MappedLabel[],
  taken: ReadonlyMap<string, MappedLabel>,
  reserved: readonly string[],
): NearMiss[] {
  const reservedKeys = new Set(reserved.map(normaliseLabel));
  const free = mapped
    .filter((entry) => entry.matchedBy === null && !reservedKeys.has(normaliseLabel(entry.label)))
    .map(({ index, label }) => ({ index, label: trimLabel(label) }));
  return findNearMisses(columns, free, (column) => taken.has(column));
}

function takeFuzzy(entry: MappedLabel, miss: NearMiss, taken: Map<string, MappedLabel>): HeaderFinding {
  const confidence = Math.min(MOST_FUZZY_CONFIDENCE, Math.round(miss.similarity * 100) / 100);
  Object.assign(entry, { column: miss.column, matchedBy: "fuzzy", confidence });
  taken.set(miss.column, entry);
  return {
    code: "header_fuzzy",
    severity: "warning",
    index: entry.index,
    column: miss.column,
    message: `${place(entry)} was taken for the column ${miss.meant}. Rename it, so that there is no doubt.`,
    fix: miss.meant,
  };
}

/** A column that is part of the key cannot be left out, optional or not. */
function missingFindings(
  table: Pick<Table, "columns" | "key">,
  mapped: readonly MappedLabel[],
  taken: ReadonlyMap<string, MappedLabel>,
  nearMisses: readonly NearMiss[],
): HeaderFinding[] {
  const findings: HeaderFinding[] = [];
  for (const column of table.columns) {
    if (taken.has(column.name)) continue;
    const label = column.header ?? column.name;
    const miss = nearMisses.find((each) => each.column === column.name);
    const isNeeded = !column.optional || table.key.includes(column.name);
    if (!isNeeded && miss === undefined) continue;
    findings.push({
      code: isNeeded ? "column_missing" : "header_similar",
      severity: isNeeded ? "error" : "warning",
      index: miss?.index ?? null,
      column: column.name,
      message:
        miss === undefined
          ? `The column ${label} is missing from the header. Add it, or check how it is spelled.`
          : isNeeded
            ? `The column ${label} is missing from the header. Did you mean it by ${place(mapped[miss.index]!)}? Then rename that to ${miss.meant}.`
            : `${place(mapped[miss.index]!)} looks like the column ${miss.meant}, but is not imported. If it is meant, rename it.`,
      ...(miss === undefined ? {} : { fix: miss.meant }),
    });
  }
  return findings;
}

function listColumns(table: Pick<Table, "columns">): string {
  const names = table.columns.map((column) => column.header ?? column.name);
  return names.length > 20 ? `${names.slice(0, 20).join(", ")} and ${names.length - 20} more` : names.join(", ");
}

function place(entry: MappedLabel): string {
  return `\`${trimLabel(entry.label)}\` (column ${entry.index + 1})`;
}
