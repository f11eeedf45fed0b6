import { Refusal } from "./errors.ts";

/** A row's number as an opaque cursor. */
export function encodeCursor(id: number): string {
  return Buffer.from(`v1:${id}`).toString("base64url");
}

/** @throws Refusal when it is no cursor of ours */
export function decodeCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const id = /^v1:(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString("latin1"))?.[1];
  if (id === undefined) {
    throw new Refusal(400, "cursor_invalid", "This is no cursor. Take the `next` of the page before, or leave it out.");
  }
  return Number(id);
}

/** Cuts one row more than a page down to the page, and names the next one. */
export function pageOf<Row>(rows: readonly Row[], limit: number, idOf: (row: Row) => number) {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, next: rows.length > limit && last !== undefined ? encodeCursor(idOf(last)) : null };
}
