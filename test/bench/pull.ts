import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { profileSchema } from "@inlet/contracts";
import { copyFrom, findPull, transaction } from "@inlet/database";
import { requestPull } from "@inlet/pipeline";
import { waitFor } from "@inlet/stack";
import { live } from "../fixtures/reception.ts";
import { type BenchHub, openBenchHub, peakMemories } from "./hub.ts";
import { type BenchOptions, type BenchResult, inTurn, median } from "./measure.ts";
import { ITEM_COLUMNS } from "./pull-items.ts";

const MINUTE_MS = 60_000;
const ITEMS = 1_000_000;
const PAGE_SIZE = 2_000;
/** Chunks of COPY: smaller ones cost the socket more. */
const CHUNK_LENGTH = 256 * 1024;

/**
 * A full pull of a system's items through all of Inlet (access, count, pages, check, import, the view's flip), against the same
 * pages fetched one after the other, parsed by JSON.parse and written by COPY into a new table with the same unique index.
 */
export async function measurePull({ pairs, records = ITEMS, say }: BenchOptions): Promise<BenchResult> {
  say(`rendering pages of ${records.toLocaleString("en")} items`);
  const system = await startSystem(records);
  let hub: BenchHub | undefined;
  try {
    const opened = await openBenchHub(["watcher", "puller", "validator", "importer"], { REMOTE_ALLOW: "127.0.0.1" });
    hub = opened;
    const project = await live(opened.database, profileOf(system.url));
    const stagesMs: Record<string, number> = {};
    const ours = () => pullOnce(opened, { projectId: project.projectId, records, stagesMs });
    const peer = () => bareLoop(opened, { url: system.url, records });
    say("warming up");
    await ours();
    await peer();
    const times = await inTurn(pairs, { ours, peer }, say);
    const memories = await peakMemories(opened);
    return {
      name: "pull",
      ratio: median(times.ours) / median(times.peer),
      ours: { medianMs: median(times.ours), peakMemoryMb: Math.max(...Object.values(memories)) },
      peer: { name: "fetch, JSON.parse, COPY", medianMs: median(times.peer) },
      pairs,
      details: { items: records, pageSize: PAGE_SIZE, stagesMs, peakMemoriesMb: memories, times },
    };
  } finally {
    await hub?.stop();
    await system.close();
  }
}

const profileOf = (url: string) =>
  profileSchema.parse({
    client: "bench",
    project: "erp",
    source: {
      kind: "pull",
      system: { connector: "rest", url },
      pulls: [
        {
          ...{ table: "items", resource: "items", pageSize: PAGE_SIZE },
          rest: { items: "items", count: { in: "body", path: "total" }, paging: { by: "offset" } },
        },
      ],
    },
    tables: [{ name: "items", mode: "replace", key: ["code"], columns: ITEM_COLUMNS }],
  });

async function startSystem(records: number): Promise<{ url: string; close(): Promise<void> }> {
  const program = fileURLToPath(new URL("./pull-server-main.ts", import.meta.url));
  const child = spawn(process.execPath, [program, String(records), String(PAGE_SIZE)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [port] = await once(createInterface({ input: child.stdout }), "line");
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
}

async function pullOnce(
  hub: BenchHub,
  { projectId, records, stagesMs }: { projectId: number; records: number; stagesMs: Record<string, number> },
): Promise<number> {
  const startedMs = performance.now();
  const { pullIds } = await requestPull(hub, {
    ...{ projectId, full: true, actor: "bench", reason: null },
    audit: () => ({ actor: "bench", action: "pull.start", outcome: "ok" }),
  });
  const pull = await waitFor(
    async () => {
      const found = await findPull(hub.database, { pullId: pullIds[0]!, scope: null });
      const hasEnded = found?.batchStatus && found.batchStatus !== "received" && found.batchStatus !== "running";
      return hasEnded ? found : undefined;
    },
    { timeoutMs: 20 * MINUTE_MS, what: "the end of the pull", everyMs: 25 },
  );
  const wholeMs = performance.now() - startedMs;
  if (pull.imported !== records) throw new Error(`imported ${pull.imported}: ${pull.batchReasonMessage}`);
  stagesMs.pull = pull.finishedAt!.getTime() - pull.startedAt!.getTime();
  const steps = await hub.database.query
    .selectFrom("steps")
    .select(["kind", "started_at", "finished_at"])
    .where("batch_id", "=", pull.batchId!)
    .execute();
  for (const { kind, started_at, finished_at } of steps) {
    stagesMs[kind] = finished_at!.getTime() - started_at!.getTime();
  }
  return wholeMs;
}

/** The least that anybody would write: a page, its rows, the next page. */
async function bareLoop(hub: BenchHub, { url, records }: { url: string; records: number }): Promise<number> {
  const names = ITEM_COLUMNS.map(({ name }) => name);
  await hub.database.pool.query("DROP TABLE IF EXISTS client_bench.peer");
  const startedMs = performance.now();
  const rowCount = await transaction(hub.database, async (tx) => {
    await tx.client.query(
      `CREATE TABLE client_bench.peer AS SELECT ${names.join(", ")} FROM client_bench.erp__items WITH NO DATA`,
    );
    const copy = copyFrom(tx, `COPY client_bench.peer (${names.join(", ")}) FROM STDIN`);
    const done = finished(copy);
    let text = "";
    for (let offset = 0; ; offset += PAGE_SIZE) {
      const answer = await fetch(`${url}/items?offset=${offset}&limit=${PAGE_SIZE}`);
      const { items } = JSON.parse(await answer.text()) as { items: Record<string, unknown>[] };
      if (items.length === 0) break;
      for (const item of items) text += `${names.map((name) => cell(item[name])).join("\t")}\n`;
      if (text.length < CHUNK_LENGTH) continue;
      if (!copy.write(text)) await once(copy, "drain");
      text = "";
    }
    copy.end(text);
    await done;
    await tx.client.query("CREATE UNIQUE INDEX ON client_bench.peer (code)");
    return copy.rowCount;
  });
  const wholeMs = performance.now() - startedMs;
  if (rowCount !== records) throw new Error(`the loop copied ${rowCount}`);
  return wholeMs;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "\\N";
  return typeof value === "string" ? value.replace(/[\\\t\n\r]/g, escaped) : String(value);
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };
const escaped = (character: string) => ESCAPES[character]!;
