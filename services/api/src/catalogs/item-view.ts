import type { CatalogItemView, Cell, ItemEventView } from "@inlet/contracts";
import { type CatalogChange, type CatalogItem, type CatalogLoss, type CatalogTable, cellKind } from "@inlet/database";
import { jsonCell } from "../tables/cell-text.ts";
import { iso } from "../views.ts";

type Values = Readonly<Record<string, string | null>>;

/** Values in PostgreSQL's words, as JSON holds them. */
function cellsOf({ columns }: CatalogTable, values: Values): Record<string, Cell> {
  const known = columns.flatMap(({ name }) =>
    Object.hasOwn(values, name) ? [[name, cellOf(columns, name, values[name]!)]] : [],
  );
  return Object.fromEntries(known);
}

function cellOf(columns: CatalogTable["columns"], name: string | null, text: string | null): Cell {
  const column = columns.find((each) => each.name === name);
  if (column === undefined) return text;
  const kind = cellKind(column.type);
  return jsonCell(kind, kind === "timestamp" && text !== null ? isoTime(text) : text);
}

/** `2026-11-20 09:00:00+00` in ISO 8601. */
const isoTime = (text: string) => text.replace(/^(\d+-\d\d-\d\d) (.*)\+00$/, "$1T$2Z");

export const itemView = (
  table: CatalogTable,
  { key, version, origin, changedAt, values }: CatalogItem,
): CatalogItemView => ({
  ...{ key, version, origin, changedAt: iso(changedAt), values: cellsOf(table, values) },
});

/** Who of the hub's people called the API is not told to callers of one client. */
const causeFor = (forClient: boolean, { origin, cause }: { origin: string; cause: string | null }) =>
  forClient && origin === "api" ? null : cause;

export function changeView(table: CatalogTable, change: CatalogChange, forClient: boolean): ItemEventView {
  const { version, origin, operation, seq, changed } = change;
  const times = { changedAt: iso(change.changedAt), at: iso(change.at) };
  const values = cellsOf(table, change.values);
  return {
    event: "change",
    version,
    origin,
    cause: causeFor(forClient, change),
    ...times,
    operation,
    seq,
    changed,
    values,
  };
}

export function lossView({ columns }: CatalogTable, loss: CatalogLoss, forClient: boolean): ItemEventView {
  const { version, origin, field, keptOrigin, rule } = loss;
  const times = { changedAt: iso(loss.changedAt), at: iso(loss.at) };
  const [value, kept] = [cellOf(columns, field, loss.value), cellOf(columns, field, loss.kept)];
  return {
    event: "loss",
    version,
    origin,
    cause: causeFor(forClient, loss),
    ...times,
    field,
    value,
    kept,
    keptOrigin,
    rule,
  };
}
