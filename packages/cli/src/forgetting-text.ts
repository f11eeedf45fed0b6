import { count, type Forgetting } from "@inlet/contracts";

const inBatches = (batches: number) => `${batches.toLocaleString("en-US")} ${batches === 1 ? "batch" : "batches"}`;

/** What an order to forget a recipient has come to, line by line. */
export function forgettingLines(forgetting: Forgetting): string[] {
  return [stateLine(forgetting), ...unsearchedLines(forgetting), ...errorLines(forgetting)];
}

function stateLine({ id, state, batches, batchesDone, records, tableRows, waitsFor }: Forgetting): string {
  const found = `${count(records, "record")} in ${inBatches(batches)}`;
  const wait = waitsFor === null ? "" : `; waiting for the end of batch ${waitsFor}`;
  switch (state) {
    case "searching":
      return `Order ${id}: looking for the recipient, ${found} so far${wait}.`;
    case "found":
      return `Order ${id}: ${found}. Nothing was removed yet.`;
    case "removing":
      return `Order ${id}: ${batchesDone} of ${inBatches(batches)} done${wait}.`;
    case "done":
      return `Order ${id}: forgotten. ${found}, ${count(tableRows, "row")} of tables.`;
    case "failed":
      return `Order ${id}: failed after ${batchesDone} of ${inBatches(batches)}.`;
    case "dropped":
      return `Order ${id}: dropped. Nothing was removed.`;
  }
}

function unsearchedLines({ unsearched, unsearchedCount }: Forgetting): string[] {
  if (unsearchedCount === 0) return [];
  const more = unsearchedCount > unsearched.length ? ", …" : "";
  return [
    `Nobody knows what is in ${count(unsearchedCount, "file")} that could not be opened: batch ${unsearched.join(", ")}${more}.`,
  ];
}

const errorLines = ({ error, state }: Forgetting): string[] =>
  error === null ? [] : [state === "failed" ? error.message : `It is tried again: ${error.message}`];
