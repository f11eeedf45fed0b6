import { InvalidInput } from "@inlet/contracts";
import {
  type CatalogImport,
  type ClientTable,
  catalogClockMs,
  compareWithCatalog,
  type HeldRow,
  type Tx,
  takeIntoCatalog,
} from "@inlet/database";
import type { OpenCatalog } from "./catalog.ts";
import { keyOf } from "./key.ts";
import { MOST_KEY_BYTES, mergeHeld } from "./write-items.ts";

/** Rows worked on at a time: memory holds no more of a file than these. */
const CHUNK_ROWS = 2_000;

/** A file's rows on their way into a catalog. */
export interface FileRows {
  /** The file's rows: `_record` and `columns`. */
  staging: ClientTable;
  columns: readonly string[];
  batchId: number;
  /** When the file was received; null: somebody wants it to count as of now. */
  receivedAtMs: number | null;
  /** Whether items that the file does not have are removed. */
  removesMissing: boolean;
}

/** What became of a file's rows. */
export interface ImportedItems {
  /** Items that are new. */
  added: number;
  /** Items that were there and have changed, or were removed. */
  changed: number;
}

/**
 * Merges a file's rows into a catalog: what is new is inserted, what is there already is left alone, and what differs goes through
 * the core like every other writer's word. A file counts as of when it was received, and one that says again what is there is no
 * new word on it. Columns that belong to another side are looked at for items that are new alone; and where another side says which items there are, what a
 * file says of one that is not there is kept until it is.
 * @param pause asked after each piece of the work
 * @throws InvalidInput `item_key_missing`, `item_key_too_long`
 */
export async function importItems(
  tx: Tx,
  catalog: OpenCatalog,
  { staging, columns, batchId, receivedAtMs, removesMissing }: FileRows,
  pause: () => Promise<void> | undefined | void = () => undefined,
): Promise<ImportedItems> {
  const { rules, key } = catalog;
  const isOurs = (name: string) => {
    const rule = rules.ruleOf.get(name);
    return rule === undefined || rule.rule !== "source" || rule.origin === "import";
  };
  const inFile = catalog.columns.filter(({ name }) => columns.includes(name));
  const taken = inFile.filter(({ name }) => isOurs(name));
  const decidesItems = rules.default.rule !== "source" || rules.default.origin === "import";
  // Nothing that the file says may be taken.
  if (!decidesItems && taken.every(({ name }) => key.includes(name))) return { added: 0, changed: 0 };
  const work: CatalogImport = { table: catalog, staging, columns: taken, ofNew: inFile };
  const found = await compareWithCatalog(tx, work, { removesMissing, decidesItems });
  if (found.keyless > 0) throw keyless(catalog, found.keyless);
  if (found.longestKey > MOST_KEY_BYTES) throw keyTooLong();
  const atMs = receivedAtMs ?? (await catalogClockMs(tx));
  const unsaid = rules.fields.filter((name) => !inFile.some((column) => column.name === name));
  const said = inFile.filter(({ name }) => !key.includes(name));
  const stamps = {
    ...(decidesItems
      ? { "*": [atMs, "import"] }
      : Object.fromEntries(said.map(({ name }) => [name, [atMs, "import"]]))),
    ...Object.fromEntries(unsaid.map((name) => [name, null])),
  };
  const saying = { origin: "import", cause: String(batchId) };
  const done: ImportedItems = { added: 0, changed: 0 };
  for (let after = 0; after < found.rows; after += CHUNK_ROWS) {
    const version = catalog.versionFloor + (decidesItems ? 1 : 0);
    const upTo = after + CHUNK_ROWS;
    const { held, added } = await takeIntoCatalog(tx, work, {
      after,
      upTo,
      batchId,
      version,
      atMs,
      stamps,
      decidesItems,
    });
    const rowOf = (row: HeldRow) => incoming(catalog, row, { batchId, atMs: receivedAtMs });
    const merged = await mergeHeld(tx, catalog, { rows: held.map(rowOf), saying });
    done.added += added;
    done.changed += merged.filter(({ change }) => change !== null).length;
    await pause();
  }
  return done;
}

function incoming(
  catalog: OpenCatalog,
  { key, isGone, record, values }: HeldRow,
  { batchId, atMs }: { batchId: number; atMs: number | null },
) {
  const at = atMs === null ? {} : { atMs };
  if (isGone) return { key, values: keyOf(catalog, key), row: { ...at, operation: "remove" as const } };
  const file = record === null ? {} : { batchId, record };
  return { key, values, row: { ...at, ...file, operation: "put" as const } };
}

const keyless = ({ key }: OpenCatalog, rows: number) =>
  new InvalidInput({
    code: "item_key_missing",
    message: `${rows} rows have no key: ${key.join(", ")} must not be empty. Nothing was imported.`,
  });

const keyTooLong = () =>
  new InvalidInput({
    code: "item_key_too_long",
    message: `A row's key is longer than ${MOST_KEY_BYTES} bytes. Nothing was imported.`,
  });
