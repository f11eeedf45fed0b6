import { type CellKind, cellKind } from "./cell-kind.ts";
import { glimpse, isHashLine, type Reading, widthOf } from "./reading.ts";

/** Where a table begins in a reading, and whether its first record names the columns. */
export interface TableStart {
  /** Index of the table's first record, header or not. */
  first: number;
  hasHeader: boolean;
  /** How sure that is, from 0 to 1. */
  confidence: number;
  /** Lines that begin with `#` and are no records stand above the table or in it. */
  hasComments: boolean;
}

/** Title lines are looked for in the first records only, so that no data record is taken for one. */
const TITLES_WITHIN = 100;
/** Evidence that leaves little doubt of a header. */
const SURE_HEADER = 0.3;
/** Data records that a possible header is compared with. */
const COMPARED_RECORDS = 200;
/** Kinds that say something of a column; the others are any text. */
const TELLING: ReadonlySet<CellKind> = new Set(["number", "date", "time", "timestamp", "email", "url", "boolean"]);
/** Words that label columns all over the world rather than stand in them. */
const LABEL_WORD =
  /^(?:.*[_ -])?(?:id|ids|uuid|key|no|nr|number|num|name|names|vorname|nachname|nom|prenom|title|type|kind|code|date|datum|fecha|time|zeit|year|month|day|status|state|city|ort|stadt|ville|country|land|zip|plz|street|strasse|address|adresse|email|e-mail|mail|phone|telefon|tel|fax|url|link|website|amount|betrag|price|preis|prix|qty|quantity|menge|count|total|sum|value|wert|valor|currency|description|comment|comments|note|notes|remark|text|label|category|class|group|index|level|score|rate|latitude|longitude|lat|lon|lng|region|gender|sex|age|user|username|customer|kunde|client|company|firma|product|sku|store|item|order|version|percent|unit|units|created|updated|timestamp|source|target|first|last|created_at|updated_at|start|end|from|to|size|length|width|height|weight|column ?\d+|col ?\d+|field ?\d+|var ?\d+|[a-z] ?\d)$/i;

/** Finds the title and comment lines above the table, and says whether the table has a header. */
export function findTable(reading: Reading): TableStart {
  const { block, width } = reading;
  const within = Math.min(block.count, TITLES_WITHIN);
  const first = firstBelowTitles(reading, within);
  // The last of the lines with `#` may hold the names: `#id,name`.
  let hasComments = false;
  let start = first;
  if (isHashLine(block, first)) {
    let next = first;
    while (next < within && isHashLine(block, next)) next += 1;
    if (next < block.count) {
      const last = next - 1;
      const namesColumns =
        widthOf(block, last) === widthOf(block, next) && width > 1 && judgeHeader(reading, next) < SURE_HEADER;
      start = namesColumns ? last : next;
      hasComments = start > first;
    }
  }
  for (let record = 0; record < first; record += 1) hasComments ||= isHashLine(block, record);
  hasComments ||= hasCommentsBelow(reading, start);
  const evidence = judgeHeader(reading, start);
  return { first: start, hasHeader: evidence >= 0, confidence: Math.min(1, 0.5 + Math.abs(evidence)), hasComments };
}

function firstBelowTitles(reading: Reading, within: number): number {
  const { block, width } = reading;
  let first = 0;
  while (first < within && isAboveTable(reading, first)) first += 1;
  if (first >= block.count || first === TITLES_WITHIN) return 0;
  // A nearly empty record of full width is a title only where names stand below it: else it may name a column itself.
  const isFull = (record: number) => widthOf(block, record) === width;
  let full = 0;
  while (full < first && !isFull(full)) full += 1;
  return full < first && judgeHeader(reading, first) < SURE_HEADER ? full : first;
}

/** A title, a note, a key with its value: much narrower than the table, or nearly empty. */
function isAboveTable({ block, width }: Reading, record: number): boolean {
  if (isHashLine(block, record)) return widthOf(block, record) !== width;
  if (width < 2) return false;
  const wide = widthOf(block, record);
  let filled = 0;
  for (let field = block.firstFields[record]!; field < block.firstFields[record + 1]!; field += 1) {
    if (block.fieldEnds[field]! > block.fieldStarts[field]!) filled += 1;
  }
  if (wide === 1) return true;
  if (width >= 3 && filled <= 1) return true;
  return width >= 5 && filled <= 2 && wide !== width;
}

/** Lines with `#` inside the table that do not have its number of cells, and none that has. */
function hasCommentsBelow({ block, width }: Reading, start: number): boolean {
  if (width < 2) return false;
  let found = false;
  for (let record = start + 1; record < block.count; record += 1) {
    if (!isHashLine(block, record)) continue;
    if (widthOf(block, record) === width) return false;
    found = true;
  }
  return found;
}

/** What a column of the records below a possible header holds. */
interface ColumnBelow {
  filled: number;
  kinds: Map<CellKind, number>;
  /** Filled cells that hold a digit, and how long the cells are. */
  withDigits: number;
  lengths: Set<number>;
  values: Map<string, number>;
}

/** Evidence for (above 0) or against a record's being a header; about -1 to 1. */
export function judgeHeader(reading: Reading, record: number): number {
  const { block } = reading;
  const first = block.firstFields[record]!;
  const width = widthOf(block, record);
  const labels = Array.from({ length: width }, (_, i) => glimpse(block, first + i).trim());
  const kinds = labels.map((label) => cellKind(label));
  const below = columnsBelow(reading, record);
  if (below === undefined) return loneEvidence(labels, kinds);
  let votes = 0;
  let voters = 0;
  labels.forEach((label, i) => {
    const column = below[i];
    if (column === undefined || column.filled === 0) return;
    const vote = voteOf(label, kinds[i]!, column);
    votes += vote;
    if (vote !== 0) voters += 1;
  });
  const evidence = voters === 0 ? 0 : votes / Math.max(voters, 2);
  const named = labels.map((_, i) => i).filter((i) => labels[i] !== "" || (below[i]?.filled ?? 0) > 0);
  return (
    evidence +
    plausibleLabels(
      named.map((i) => labels[i]!),
      named.filter((i) => isLikeBelow(labels[i]!, kinds[i]!, below[i])).length,
    )
  );
}

/** Whether a possible label is data of the kind that stands below it, or above nothing that says otherwise. */
function isLikeBelow(label: string, kind: CellKind, column: ColumnBelow | undefined): boolean {
  if (!TELLING.has(kind) || isYear(label)) return false;
  return (
    column === undefined ||
    column.filled === 0 ||
    usualKind(column).kind === kind ||
    !TELLING.has(usualKind(column).kind)
  );
}

function usualKind({ kinds, filled }: ColumnBelow): { kind: CellKind; share: number } {
  const [kind, times] = [...kinds].reduce((a, b) => (b[1] > a[1] ? b : a));
  return { kind, share: times / filled };
}

function columnsBelow({ block }: Reading, record: number): ColumnBelow[] | undefined {
  const last = Math.min(block.count, record + 1 + COMPARED_RECORDS);
  if (last === record + 1) return undefined;
  const columns: ColumnBelow[] = [];
  for (let r = record + 1; r < last; r += 1) {
    const from = block.firstFields[r]!;
    const to = Math.min(block.firstFields[r + 1]!, from + 200);
    for (let field = from; field < to; field += 1) {
      columns[field - from] ??= { filled: 0, kinds: new Map(), withDigits: 0, lengths: new Set(), values: new Map() };
      const column = columns[field - from]!;
      const text = glimpse(block, field).trim();
      if (text === "") continue;
      const kind = cellKind(text);
      column.filled += 1;
      column.kinds.set(kind, (column.kinds.get(kind) ?? 0) + 1);
      if (/\d/.test(text)) column.withDigits += 1;
      column.lengths.add(text.length);
      column.values.set(text, (column.values.get(text) ?? 0) + 1);
    }
  }
  return columns;
}

/** One column's word on whether the cell above it is a label: 1 a label, -1 data like those below. */
function voteOf(label: string, kind: CellKind, column: ColumnBelow): number {
  if (label === "") return 0;
  const { kind: usual, share } = usualKind(column);
  if (TELLING.has(usual) && share >= 0.6) {
    if (kind === usual) return isYear(label) && usual === "number" ? -0.2 : -1;
    return TELLING.has(kind) ? 0.3 : 1;
  }
  if (TELLING.has(kind) && !isYear(label)) return kind === "boolean" ? -0.2 : -0.7;
  if (column.values.has(label)) return -0.6;
  if (LABEL_WORD.test(label)) return 0.8;
  const digits = column.withDigits / column.filled;
  if (digits > 0.8 && !/\d/.test(label)) return 0.6;
  if (column.filled >= 10 && column.values.size <= column.filled / 5) return 0.6;
  if (/^[A-Za-z]$/.test(label)) return 0.2;
  if (column.filled > 2 && column.lengths.size === 1) return column.lengths.has(label.length) ? -0.3 : 0.5;
  if (/^[a-z]+(?:_[a-z0-9]+)+$|^[a-z]+(?:[A-Z][a-z0-9]*)+$|^[A-Z]+(?:_[A-Z0-9]+)+$/.test(label)) return 0.5;
  return 0;
}

/** Labels are short, different from each other, and no data. */
function plausibleLabels(labels: readonly string[], dataLike: number): number {
  const filled = labels.filter((label) => label !== "");
  if (filled.length === 0) return -1;
  const distinct = new Set(filled).size / filled.length;
  const long = filled.filter((label) => label.length > 60).length / filled.length;
  const blank = 1 - filled.length / labels.length;
  return 0.15 - 0.5 * (1 - distinct) - (0.6 * dataLike) / labels.length - 0.4 * long - 0.2 * blank;
}

/** A file of one record: its names, or its only data. */
function loneEvidence(labels: readonly string[], kinds: readonly CellKind[]): number {
  const dataLike = kinds.filter((kind, i) => TELLING.has(kind) && !isYear(labels[i]!)).length;
  return plausibleLabels(labels, dataLike) + (labels.some((label) => LABEL_WORD.test(label)) ? 0.3 : 0);
}

function isYear(label: string): boolean {
  return /^(?:19|20)\d\d$/.test(label);
}
