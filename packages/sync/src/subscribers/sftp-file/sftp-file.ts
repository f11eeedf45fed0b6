import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { defineSubscriber, type OutgoingChange, type SubscriberContext } from "../../subscriber.ts";
import { openCsvLines } from "./csv-lines.ts";
import { placeFile } from "./place-file.ts";
import { type SftpFileSettings, sftpFileSettingsSchema } from "./settings.ts";

/** What a subscription has written so far. */
interface Written {
  /** Every change up to this one is in the snapshot that lies there. */
  snapshotSeq: number;
  snapshotMs: number;
  /** The time in the name of the last file of changes. */
  changesMs: number;
  /** One file after the other. */
  underWay: Promise<void>;
  close(): void;
}
type Context = SubscriberContext<SftpFileSettings, Written>;

/** A catalog as CSV files on an SFTP server: the whole of it, its changes, or both. */
export const sftpFile = defineSubscriber({
  name: "sftp_file",
  settings: sftpFileSettingsSchema,
  /** A password, or a private key. */
  secrets: ["login"],
  open: async (): Promise<Written> => ({
    ...{ snapshotSeq: -1, snapshotMs: Number.NEGATIVE_INFINITY, changesMs: 0 },
    underWay: Promise.resolve(),
    close() {},
  }),
  batchSize: 1_000,
  async pushMany(changes, context) {
    const { opened, settings } = context;
    const before = opened.underWay;
    const work = (async () => {
      await before.catch(() => {});
      if (settings.write !== "snapshot") await writeChanges(changes, context);
      if (settings.write !== "changes") await writeSnapshot(Math.max(...changes.map(({ seq }) => seq)), context);
    })();
    opened.underWay = work;
    await work;
    return changes.map(() => undefined);
  },
});

async function writeChanges(changes: readonly OutgoingChange[], context: Context): Promise<void> {
  const { settings, opened, fieldPaths } = context;
  const ordered = changes.toSorted((a, b) => a.seq - b.seq);
  // Names grow with the order of writing, also of a change that was refused at first and comes after later ones.
  opened.changesMs = Math.max(Date.now(), opened.changesMs + 1);
  const time = new Date(opened.changesMs).toISOString().replace(/[-:.]/g, "");
  const lines = openCsvLines(settings, fieldPaths);
  await withFolder(async (folder) => {
    const file = path.join(folder, "changes.csv");
    await writeFile(file, lines.changeHeader() + ordered.map(lines.change).join(""));
    await placeFile(context, { name: `${settings.name}_${time}_${ordered.at(-1)!.seq}.csv`, path: file });
  });
}

/** Writes the whole catalog, unless a snapshot that was made since holds the change already. */
async function writeSnapshot(seq: number, context: Context): Promise<void> {
  const { settings, opened, fieldPaths, signal } = context;
  if (opened.snapshotSeq >= seq) return;
  const waitMs = opened.snapshotMs + settings.everySeconds * 1000 - performance.now();
  if (waitMs > 0) await sleep(waitMs, undefined, { signal });
  const startedMs = performance.now();
  const lines = openCsvLines(settings, fieldPaths);
  await withFolder(async (folder) => {
    const file = path.join(folder, "snapshot.csv");
    const scan = await context.everything();
    await writeFile(file, blocks(lines.header(), scan.items, lines.item), { signal });
    await placeFile(context, { name: `${settings.name}.csv`, path: file });
    opened.snapshotSeq = scan.seq;
    opened.snapshotMs = startedMs;
  });
}

const BLOCK_CHARACTERS = 64 * 1024;

async function* blocks<Item>(header: string, items: AsyncIterable<Item>, line: (item: Item) => string) {
  let block = header;
  for await (const item of items) {
    block += line(item);
    if (block.length < BLOCK_CHARACTERS) continue;
    yield block;
    block = "";
  }
  yield block;
}

/** A folder of its own, for as long as the work takes. */
async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "inlet-sync-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
