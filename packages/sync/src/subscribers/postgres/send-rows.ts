import { InvalidInput } from "@inlet/contracts";
import { type ForeignRow, writeForeignRows } from "@inlet/database";
import { cellOf } from "../../fields/outside-value.ts";
import type { OutgoingChange, PushAnswer } from "../../subscriber.ts";
import { isOfTheRow, postgresFault } from "./fault.ts";
import type { OpenTable } from "./open-table.ts";
import { keyOfId, keyOfItem, rowId } from "./row-key.ts";

/**
 * Writes changes in one transaction. Where a row is refused, each is written by itself, so that the others are not held up.
 * @throws AppError when none can be written
 */
export async function sendRows(
  opened: OpenTable,
  changes: readonly OutgoingChange[],
): Promise<readonly (PushAnswer | Error | undefined)[]> {
  if (changes.length === 1) return [await sendRow(opened, changes[0]!)];
  try {
    const planned = changes.map((change) => planOf(opened, change));
    await write(opened, planned);
    return planned.map(answerOf);
  } catch (error) {
    if (!isOfTheRow(error) && !(error instanceof InvalidInput)) throw postgresFault(opened.where, error);
  }
  const answers: (PushAnswer | Error | undefined)[] = [];
  for (const change of changes) answers.push(await sendRow(opened, change));
  return answers;
}

async function sendRow(opened: OpenTable, change: OutgoingChange): Promise<PushAnswer | Error | undefined> {
  try {
    const planned = planOf(opened, change);
    await write(opened, [planned]);
    return answerOf(planned);
  } catch (error) {
    const fault = postgresFault(opened.where, error);
    if (fault instanceof InvalidInput) return fault;
    throw fault;
  }
}

const write = (opened: OpenTable, planned: readonly Planned[]) =>
  writeForeignRows(opened.database, opened, {
    puts: planned.flatMap(({ put }) => (put === undefined ? [] : [put])),
    removals: planned.flatMap(({ removals }) => removals),
  });

const answerOf = ({ id }: Planned): PushAnswer | undefined => (id === undefined ? undefined : { id });

interface Planned {
  /** Of what is put. */
  id?: string;
  put?: ForeignRow;
  removals: ForeignRow[];
}

function planOf({ columns, key }: OpenTable, { isRemoved, ...item }: OutgoingChange): Planned {
  const names = key.map(({ name }) => name);
  const known = item.id === null ? undefined : keyOfId(item.id, names.length);
  if (isRemoved) return { removals: [known ?? keyOfItem(item, names)] };
  const id = rowId(keyOfItem(item, names));
  const put = columns.map(({ name }) => cellOf(item.fields[name] ?? null));
  // A field of theirs key was changed: the row by its old name is not there any more.
  return { id, put, removals: known !== undefined && item.id !== id ? [known] : [] };
}
