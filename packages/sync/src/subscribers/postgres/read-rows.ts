import { type ForeignColumn, type ForeignRow, readForeignRows } from "@inlet/database";
import { needsPerson } from "../../failure.ts";
import { isoTime } from "../../fields/iso-time.ts";
import type { IncomingItem, IncomingPage } from "../../subscriber.ts";
import { postgresFault } from "./fault.ts";
import type { OpenTable } from "./open-table.ts";
import { rowId } from "./row-key.ts";
import type { PostgresSettings } from "./settings.ts";

const PAGE_ROWS = 1_000;

/** Where polling goes on. */
interface Place {
  /** The greatest value of `changed` that an earlier round has seen. */
  since: string | null;
  /** The last row of this round, by `changed` and key. */
  after?: ForeignRow;
}

/** What has changed since a cursor, in the order of its changes. */
export async function changedRows(
  opened: OpenTable,
  { inward }: PostgresSettings,
  cursor: string | null,
): Promise<IncomingPage> {
  if (inward === undefined)
    throw needsPerson({
      message: `${opened.where} can only be polled by a column that grows with each change: name it in \`settings.inward.changed\`.`,
    });
  const { since, after }: Place = cursor === null ? { since: null } : JSON.parse(cursor);
  const changed = column(opened, inward.changed);
  const order = [changed, ...opened.key];
  const rows = await read(opened, {
    ...{ order, after, removed: inward.removed },
    ...(after === undefined && since !== null
      ? { since: { value: since, less: lessOf(changed, inward.overlap) } }
      : {}),
  });
  const last = rows.at(-1)?.order;
  const hasMore = rows.length === PAGE_ROWS;
  const next: Place = hasMore ? { since, after: last! } : { since: last?.[0] ?? after?.[0] ?? since };
  return {
    items: rows.map(({ item, order: [value] }) => ({ ...item, ...toldOf(changed, value!) })),
    cursor: JSON.stringify(next),
    hasMore,
  };
}

/** Every row, in the order of its key. */
export async function allRows(
  opened: OpenTable,
  { inward }: PostgresSettings,
  cursor: string | null,
): Promise<IncomingPage> {
  const after = cursor === null ? undefined : (JSON.parse(cursor) as ForeignRow);
  const rows = await read(opened, { order: opened.key, after, removed: inward?.removed });
  const hasMore = rows.length === PAGE_ROWS;
  return { items: rows.map(({ item }) => item), cursor: hasMore ? JSON.stringify(rows.at(-1)!.order) : null, hasMore };
}

interface Read {
  order: readonly ForeignColumn[];
  after?: ForeignRow | undefined;
  since?: { value: string; less: string };
  removed: string | undefined;
}

async function read(opened: OpenTable, { order, after, since, removed }: Read) {
  const { database, table, columns, key, where } = opened;
  const asked = [...columns, ...key, ...order, ...(removed === undefined ? [] : [column(opened, removed)])];
  const rows = await readForeignRows(database, { table, columns: asked, order, after, since, limit: PAGE_ROWS }).catch(
    (error) => {
      throw postgresFault(where, error);
    },
  );
  return rows.map((row) => {
    const keyAt = columns.length;
    const orderAt = keyAt + key.length;
    const fields = Object.fromEntries(columns.map(({ name, type }, place) => [name, outsideOf(type, row[place]!)]));
    const item: IncomingItem = { id: rowId(row.slice(keyAt, orderAt)), fields };
    if (removed !== undefined && isSaidGone(row.at(-1)!)) item.isRemoved = true;
    return { item, order: row.slice(orderAt, orderAt + order.length) };
  });
}

const column = ({ table }: OpenTable, name: string) => table.columns.find((each) => each.name === name)!;

/** An interval for times, a number for the rest. */
const lessOf = ({ type }: ForeignColumn, overlap: number) =>
  /^(date|time)/.test(type) ? `${overlap} s` : String(overlap);

/** True, a number that is not 0, or the time since when. */
const isSaidGone = (value: string | null) => value !== null && !["f", "false", "0", ""].includes(value);

/** A time without a zone is taken for one in UTC, as this session has it. */
const outsideOf = (type: string, text: string | null) =>
  text !== null && type.startsWith("timestamp") ? (timeOf(type, text) ?? text) : text;

const timeOf = (type: string, text: string) => isoTime(type.includes("without") ? `${text}+00` : text);

function toldOf({ type }: ForeignColumn, value: string): Pick<IncomingItem, "changedAt" | "version"> {
  const time = type.startsWith("timestamp") ? timeOf(type, value) : undefined;
  return time === undefined ? { version: value } : { version: time, changedAt: time };
}
