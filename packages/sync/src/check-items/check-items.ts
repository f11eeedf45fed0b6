import { type Column, InvariantBroken, type Issue, type Table } from "@inlet/contracts";
import { check, type Hooks, KEY_BYTES, memorySource, parseCells, type ReferenceLookUp } from "@inlet/delimited";
import { ownValue } from "../merge/own-value.ts";
import { cellText, isInFileForm, type JsonValue } from "./item-text.ts";

/** What is wrong with an item, or worth saying of it: a finding of the structural check, without a place in a file. */
export type Finding = Pick<Issue, "column" | "code" | "message" | "value" | "severity" | "fix">;

/** An item before its check: columns by name. What is not there is empty. */
export type RawItem = Readonly<Record<string, JsonValue | undefined>>;

/** What the check made of an item. */
export interface CheckedItem {
  /**
   * Every column of the table, canonical, as in a file's canonical form: dates as `yyyy-MM-dd`, timestamps in UTC as
   * `yyyy-MM-dd HH:mm:ss+00`, numbers with a dot, booleans as `t` or `f`, null where it is empty. Null: the item has errors.
   */
  values: Readonly<Record<string, string | null>> | null;
  /** Errors, and warnings, which leave the item valid. */
  findings: readonly Finding[];
}

interface CheckItemsOptions {
  /** Answers the rules `references`; without it they are not checked. */
  references?: ReferenceLookUp | undefined;
  /** The functions that the rules `hook` name; without it they are not checked. */
  hooks?: Hooks | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Checks items of a catalog as a file's rows are checked, with the same engine: types, formats, bounds, required columns, the
 * rules that concern one record, and how long a key may be. What concerns a file as a whole (its header, control totals, how
 * many records it has, that a value comes once in it) is not asked. Answers in the order of the items.
 *
 * Values may come as JSON has them (numbers, booleans) or as text; dates and timestamps in ISO 8601, or as the column's
 * `format` has them in files.
 * @throws Misconfigured when the table's own rules cannot be used, or a hook fails
 */
export async function checkItems(
  table: Table,
  items: readonly RawItem[],
  options: CheckItemsOptions = {},
): Promise<CheckedItem[]> {
  const raw = items.map((item) => textOf(table, item));
  const checked = new Array<CheckedItem>(items.length);
  // Nearly always one group: only dates in a file's form are read otherwise.
  for (const places of groups(table, raw)) {
    const form = asItemTable(
      table,
      table.columns.map((column, at) => isInFileForm(raw[places[0]!]!.cells[at]!, column)),
    );
    const found = await checkAlike(
      form,
      places.map((place) => raw[place]!.cells),
      options,
    );
    places.forEach((place, at) => {
      const { values, findings } = found[at]!;
      const all = [...raw[place]!.findings, ...findings, ...(values ? keyFindings(table, values) : [])];
      checked[place] = { values: all.some(({ severity }) => severity === "error") ? null : values, findings: all };
    });
  }
  return checked;
}

interface TextItem {
  cells: string[];
  findings: Finding[];
}

function textOf(table: Table, item: RawItem): TextItem {
  const findings: Finding[] = [];
  const cells = table.columns.map((column) => {
    const value = ownValue(item, column.name);
    const text = cellText(value, column);
    if (text !== null) return text;
    findings.push({
      ...error(column.name, "not_a_single_value"),
      message: `${column.name} holds a list or an object, but has to be one value.`,
      value: JSON.stringify(value).slice(0, MOST_CHARACTERS),
    });
    return "";
  });
  for (const name of Object.keys(item)) {
    if (item[name] === undefined || table.columns.some((column) => column.name === name)) continue;
    findings.push({
      ...error(name.slice(0, MOST_CHARACTERS), "column_unknown"),
      message: `${name.slice(0, MOST_CHARACTERS)} is no column of ${table.name}.`,
    });
  }
  // What cannot stand in a cell was left empty, and has a finding already.
  return { cells, findings };
}

const MOST_CHARACTERS = 100;

const error = (column: string, code: string) => ({
  ...{ column, code, severity: "error" as const, value: null, fix: null },
});

/** Items whose dates are written alike. */
function groups(table: Table, raw: readonly TextItem[]): number[][] {
  const formatted = table.columns.flatMap((column, at) => (column.format === undefined ? [] : [{ column, at }]));
  const found = new Map<string, number[]>();
  raw.forEach(({ cells }, place) => {
    const form = formatted.map(({ column, at }) => (isInFileForm(cells[at]!, column) ? "f" : "i")).join("");
    const group = found.get(form);
    if (group === undefined) found.set(form, [place]);
    else group.push(place);
  });
  return [...found.values()];
}

/** The table as the check is asked for items: one dialect, no whole file. */
function asItemTable(table: Table, isFileForm: readonly boolean[]): Table {
  const columns = table.columns.map((column, at): Column => {
    const { format, ...rest } = column;
    const isKey = table.key.includes(column.name);
    return {
      ...(isFileForm[at] ? column : rest),
      ...{ header: column.name, aliases: [], unique: false, optional: false, required: column.required || isKey },
    };
  });
  return {
    ...table,
    columns,
    format: {
      ...{ delimiter: ",", quote: '"', escape: "doubled", encoding: "utf-8", reading: "strict", preambleLines: 0 },
      ...{ headerLines: 1, trimSpaces: false },
    },
    ...{ extraColumns: "ignore", key: [], mode: "append", invalid: { policy: "skip" }, records: { min: 1 } },
    ...{ controls: [], rules: table.rules.filter(({ rule }) => rule !== "unique") },
  };
}

interface AlikeItem {
  values: Record<string, string | null> | null;
  findings: Finding[];
}

async function checkAlike(
  table: Table,
  rows: readonly (readonly string[])[],
  { references, hooks, signal }: CheckItemsOptions,
): Promise<AlikeItem[]> {
  const found = rows.map((): AlikeItem => ({ values: null, findings: [] }));
  const canonical: Buffer[] = [];
  let wholeFile: Issue | undefined;
  await check(memorySource(fileOf(table, rows)), {
    table,
    ...(references && { references }),
    ...(hooks && { hooks }),
    ...(signal && { signal }),
    sinks: { canonical: (chunk) => void canonical.push(Buffer.from(chunk)) },
    onIssue: (issue) => {
      const { record, column, code, value, severity, fix } = issue;
      const message = code === "record_blank" ? "The item has no value at all." : issue.message;
      if (record !== null) found[record - 1]?.findings.push({ column, code, message, value, severity, fix });
      else if (severity === "error") wholeFile ??= issue;
    },
  });
  const written = Buffer.concat(canonical);
  for (let start = 0; start < written.length; ) {
    const end = written.indexOf(NEWLINE, start);
    const tab = written.indexOf(TAB, start);
    const cells = parseCells(written, tab + 1, end);
    found[Number(written.toString("latin1", start, tab)) - 1]!.values = Object.fromEntries(
      table.columns.map(({ name }, at) => [name, cells[at] ?? null]),
    );
    start = end + 1;
  }
  // What says nothing of an item and fails them all, such as a table of a reference that is not there, is said of each.
  if (wholeFile) {
    const { column, code, message, value, severity, fix } = wholeFile;
    for (const item of found) item.findings.push({ column, code, message, value, severity, fix });
  }
  assertJudged(table, found);
  return found;
}

/** An item without values and without an error would be lost. */
function assertJudged(table: Table, items: readonly AlikeItem[]): void {
  if (items.every(({ values, findings }) => values !== null || findings.some(({ severity }) => severity === "error")))
    return;
  throw new InvariantBroken({
    code: "item_not_judged",
    message: `The check of items of ${table.name} said nothing of one of them.`,
  });
}

/** A file that has the items as its records. Every cell is in quotes, so that none is taken for a blank line. */
function fileOf(table: Table, rows: readonly (readonly string[])[]): Buffer {
  const line = (cells: readonly string[]) => `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",")}\n`;
  return Buffer.from(line(table.columns.map(({ name }) => name)) + rows.map(line).join(""));
}

const NEWLINE = 10;
const TAB = 9;

function keyFindings({ key }: Table, values: Readonly<Record<string, string | null>>): Finding[] {
  const sizeBytes = key.reduce((sum, name) => sum + Buffer.byteLength(values[name] ?? ""), 0);
  if (sizeBytes <= KEY_BYTES) return [];
  const column = key.join(",");
  return [
    {
      ...error(column, "key_too_long"),
      message: `The key (${column}) is ${sizeBytes} bytes long; ${KEY_BYTES} at most.`,
    },
  ];
}
