import { createHash } from "node:crypto";
import { cellKind, type ImportedTable, type RowOrder } from "@inlet/database";
import { z } from "zod";
import { Refusal } from "../requests/errors.ts";
import { readCellText } from "./cell-text.ts";

/** What a request has to fit in, cursor and all; fits the server's 16 KB of headers. */
const MOST_CHARACTERS = 8_192;

/** `g`: the generation of a `replace` table; `q`: what was asked for; `a`: the order's values of the last row. */
const contentSchema = z.strictObject({
  g: z.int().nullable(),
  q: z.string(),
  a: z.array(z.string().nullable()).max(64),
});

/** What a cursor belongs to. With other filters or another order it would skip rows, or repeat them. */
export function fingerprint(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 12);
}

/** Where the next page begins. @throws Refusal when the values are too long for an address */
export function encodeRowCursor(generation: number | null, asked: string, after: readonly (string | null)[]): string {
  const text = Buffer.from(JSON.stringify({ g: generation, q: asked, a: after })).toString("base64url");
  if (text.length <= MOST_CHARACTERS) return text;
  throw new Refusal(
    400,
    "request_invalid",
    "The cells that the rows are ordered by are too long to page by. Order by other columns, or take all rows as CSV.",
    [{ path: ["order"], message: "has cells of several thousand characters" }],
  );
}

/**
 * The values after which a page begins. Nothing in a cursor is believed: its values are read like those of a filter.
 * @throws Refusal `cursor_invalid`, `table_replaced`
 */
export function decodeRowCursor(
  cursor: string,
  { table, order, asked }: { table: ImportedTable; order: readonly RowOrder[]; asked: string },
): (string | null)[] {
  const content = contentSchema.safeParse(jsonOf(cursor));
  if (!content.success || content.data.a.length !== order.length) throw invalid();
  const { g: generation, q, a: after } = content.data;
  if (q !== asked) {
    throw new Refusal(
      400,
      "cursor_invalid",
      "This cursor belongs to other filters or another order. Ask as for the page before, or begin anew.",
    );
  }
  if (generation !== table.generation) {
    throw new Refusal(
      409,
      "table_replaced",
      `Batch ${table.generation} has replaced the whole table since the first page. Begin anew, without the cursor.`,
    );
  }
  for (const [place, { column }] of order.entries()) {
    const value = after[place]!;
    const { type } = table.columns.find(({ name }) => name === column)!;
    if (value !== null && readCellText(cellKind(type), value) === undefined) throw invalid();
  }
  return after;
}

const invalid = () =>
  new Refusal(400, "cursor_invalid", "This is no cursor. Take the `next` of the page before, or leave it out.");

function jsonOf(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
