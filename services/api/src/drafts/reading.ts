import type { Blobs } from "@inlet/blobs";
import type { DraftCheckFiles } from "@inlet/database";
import type { FindingsSummary, RecordIndex, Report, ScanPlan, StoredFindings } from "@inlet/delimited";
import { type ColumnPlaces, columnPlaces } from "./check-view.ts";

/** How the rows and findings of a checked draft are read again. */
export interface ReadingFacts {
  /** Null: no record could be read. */
  plan: ScanPlan | null;
  /** The same of the file as it was before anything was mended: edits are made in that one. */
  plainPlan: ScanPlan | null;
  columns: Report["columns"];
  summary: FindingsSummary;
  recordCount: number;
}

/** A checked draft, open for reading. Close it. */
export interface Reading extends ReadingFacts {
  places: ColumnPlaces;
  openFindings(): Promise<StoredFindings>;
  openRows(): Promise<{ read: (offset: number, length: number) => Promise<Buffer>; index: RecordIndex }>;
  close(): Promise<void>;
}

/** The key of {@link ReadingFacts}. */
export const readingKey = ({ client, id }: { client: string; id: number }, epoch: number): string =>
  `${client}/${id}/reading-${epoch}`;

/** Facts of the drafts that were looked at last; they never change. A file with thousands of columns has megabytes of them. */
const knownOf = new WeakMap<Blobs, Map<string, ReturnType<typeof readFacts>>>();
const MOST_KNOWN = 16;

function factsOf(store: Blobs, key: string) {
  const known = knownOf.get(store) ?? new Map<string, ReturnType<typeof readFacts>>();
  knownOf.set(store, known);
  let facts = known.get(key);
  if (facts === undefined) {
    facts = readFacts(store, key);
    facts.catch(() => known.delete(key));
  }
  // What was asked for last goes last.
  known.delete(key);
  known.set(key, facts);
  for (const oldest of known.keys()) {
    if (known.size <= MOST_KNOWN) break;
    known.delete(oldest);
  }
  return facts;
}

async function readFacts(store: Blobs, key: string): Promise<{ facts: ReadingFacts; places: ColumnPlaces }> {
  const reader = await store.open(key);
  try {
    const facts = JSON.parse((await reader.read(0, reader.sizeBytes)).toString("utf8")) as ReadingFacts;
    return { facts, places: columnPlaces(facts.columns) };
  } finally {
    await reader.close();
  }
}

/**
 * Opens what a check has kept of a draft.
 * @throws InvariantBroken `blob_missing` when a newer check has taken its place meanwhile
 */
export async function openReading(store: Blobs, files: DraftCheckFiles): Promise<Reading> {
  const folder = files.plain.key.split("/").slice(0, 2).join("/");
  const keyOf = (kind: string) => `${folder}/${kind}-${files.epoch}`;
  if (files.corrects !== null) return EMPTY;
  const { facts, places } = await factsOf(store, keyOf("reading"));
  const opened: { close(): Promise<void> }[] = [];
  const open = async (key: string) => {
    const reader = await store.open(key);
    opened.push(reader);
    return reader;
  };
  return {
    ...facts,
    places,
    async openFindings() {
      const { summary } = facts;
      if (summary.kept === 0) return { summary, read: async () => Buffer.alloc(0), index: Buffer.alloc(0) };
      const [lines, index] = await Promise.all([open(keyOf("findings")), open(keyOf("found"))]);
      return { summary, read: lines.read, index };
    },
    async openRows() {
      const [content, index] = await Promise.all([open(files.content.key), open(keyOf("rows"))]);
      return { read: content.read, index };
    },
    async close() {
      await Promise.all(opened.map((reader) => reader.close()));
    },
  };
}

const EMPTY: Reading = {
  plan: null,
  plainPlan: null,
  columns: [],
  summary: { total: 0, kept: 0, sizeBytes: 0, kinds: [] },
  recordCount: 0,
  places: new Map(),
  openFindings: async () => ({ summary: EMPTY.summary, read: async () => Buffer.alloc(0), index: Buffer.alloc(0) }),
  openRows: async () => ({ read: async () => Buffer.alloc(0), index: Buffer.alloc(0) }),
  close: async () => {},
};
