import type { Forgetting, ForgettingState } from "@inlet/contracts";
import type { Tone } from "../../parts/mark.tsx";

/** How an order stands, in a word. */
export const FORGETTING_WORDS: Readonly<Record<ForgettingState, { tone: Tone; word: string }>> = {
  searching: { tone: "busy", word: "Searching" },
  found: { tone: "warning", word: "Waits for you" },
  removing: { tone: "busy", word: "Being done" },
  done: { tone: "good", word: "Forgotten" },
  failed: { tone: "bad", word: "Failed" },
  dropped: { tone: "still", word: "Dropped" },
};

/** Whom an order means, as far as that is told. */
export const whoOf = ({ batch, record, column }: Forgetting): string =>
  column === null ? `Record ${record} of batch ${batch}` : `By ${column}`;

/** How much it is, or was. */
export function extentOf({ batches, records, tableRows, state }: Forgetting): string {
  const many = (number: number, one: string, more: string) =>
    `${number.toLocaleString("en-US")} ${number === 1 ? one : more}`;
  const rows = state === "done" || tableRows > 0 ? `, ${many(tableRows, "row", "rows")} of tables` : "";
  return `${many(records, "record", "records")} in ${many(batches, "batch", "batches")}${rows}`;
}

/** Orders that move by themselves. */
export const isMoving = ({ state }: Forgetting) => state === "searching" || state === "removing";
