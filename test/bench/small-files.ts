import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { waitFor } from "@inlet/stack";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { buildProfile } from "../fixtures/profile.ts";
import {
  type BenchHub,
  type BenchProject,
  openBenchHub,
  openBenchProject,
  peakMemories,
  recordArrivals,
} from "./hub.ts";
import { type BenchResult, inTurn, median } from "./measure.ts";
import { SAMPLE_COLUMNS, smallFile } from "./sample-file.ts";
import { openSender } from "./sender.ts";

const FILES = 2_000;
const STAGES = 5;

/** 2,000 files of 20 rows through all stages, against five-stage chains of empty jobs on the same Redis. */
export async function measureSmallFiles(pairs: number, say: (line: string) => void): Promise<BenchResult> {
  const services = ["sftp-gateway", "watcher", "validator", "purl-generator", "importer", "courier"] as const;
  // The failpoints of a test stack, off in earnest, cost a look at the disk each.
  const hub = await openBenchHub(services, { INLET_FAILPOINTS: "" });
  try {
    const profile = buildProfile({
      client: "bench",
      project: "small",
      folders: { uploads: "/small/Uploads", downloads: "/small/Downloads" },
      notify: {},
      tables: [{ name: "rows", files: ["*"], columns: SAMPLE_COLUMNS }],
    });
    const project = await openBenchProject(hub, profile);
    let turn = 0;
    const ours = () => {
      turn += 1;
      return throughStages(hub, project, turn);
    };
    say("warming up");
    await ours();
    await bareChains(hub.stack.redisUrl);
    const busyBeforeMs = await processorTimes(hub);
    const times = await inTurn(pairs, { ours, peer: () => bareChains(hub.stack.redisUrl) }, say);
    const busyMs = await processorTimes(hub);
    const files = pairs * FILES;
    const perFile = ([name, ms]: [string, number]) => [name, Number(((ms - busyBeforeMs[name]!) / files).toFixed(2))];
    say("measuring the way of single files, one at a time");
    const sender = await openSender(hub, project);
    const latencies: number[] = [];
    for (let n = 0; n < 21; n += 1)
      latencies.push(await sender.closeToResultMs(`idle_${n}.csv`, smallFile(1_000_000 + n)));
    await sender.close();
    // The first one finds connections and caches cold.
    latencies.shift();
    const memories = await peakMemories(hub);
    const oursMs = median(times.ours);
    const peerMs = median(times.peer);
    return {
      name: "small-files",
      ratio: peerMs / oursMs,
      ours: { medianMs: oursMs, peakMemoryMb: Math.max(...Object.values(memories)) },
      peer: { name: "bare five-stage BullMQ chain", medianMs: peerMs },
      pairs,
      details: {
        files: FILES,
        // Redis and its part in the bare chains left out: it works for both sides.
        processorMsPerFile: Object.fromEntries(Object.entries(busyMs).map(perFile)),
        peakMemoriesMb: memories,
        oursFilesPerSecond: Math.round((FILES / oursMs) * 1000),
        peerFilesPerSecond: Math.round((FILES / peerMs) * 1000),
        closeToResultMedianMs: Math.round(median(latencies)),
        closeToResultMs: latencies.map(Math.round),
        times,
      },
    };
  } finally {
    await hub.stop();
  }
}

/** A process as /proc tells it: its parent, and the processor time of it and its ended children. */
interface ProcessTime {
  pid: number;
  parent: number;
  busyMs: number;
}

/** Linux counts processor time in hundredths of a second (proc(5), fields 14 to 17). */
const TICK_MS = 10;

/** The processor time so far of each of the hub's services and of PostgreSQL with all its backends. */
export async function processorTimes({ stack }: BenchHub): Promise<Record<string, number>> {
  const pids = (await readdir("/proc")).filter((name) => /^[0-9]+$/.test(name)).map(Number);
  const all = (await Promise.all(pids.map(processTime))).filter((each) => each !== undefined);
  const withChildren = (pid: number): number =>
    all.reduce(
      (sum, each) => sum + (each.pid === pid ? each.busyMs : each.parent === pid ? withChildren(each.pid) : 0),
      0,
    );
  const counted = stack
    .processes()
    .filter(({ name, pid }) => pid !== undefined && !["redis", "mailbox"].includes(name));
  return Object.fromEntries(counted.map(({ name, pid }) => [name, withChildren(pid!)]));
}

async function processTime(pid: number): Promise<ProcessTime | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // A process that has ended since.
  if (stat === undefined) return undefined;
  const fields = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  return { pid, parent: fields[1]!, busyMs: fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0) * TICK_MS };
}

async function throughStages(hub: BenchHub, project: BenchProject, turn: number): Promise<number> {
  const files = await Promise.all(
    Array.from({ length: FILES }, async (_, n) => {
      const fileName = `turn${turn}_${n}.csv`;
      const bytes = smallFile(turn * FILES + n);
      await writeFile(project.folder(`/small/Uploads/${fileName}`), bytes);
      return { fileName, sizeBytes: bytes.length, sha256: createHash("sha256").update(bytes).digest() };
    }),
  );
  const ids = await recordArrivals(hub, project, files);
  const startedMs = performance.now();
  await hub.publisher.arrivals(ids);
  const open = async () => {
    const { rows } = await hub.database.pool.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM batches WHERE project_id = $1 AND file_name LIKE $2 AND status = 'completed'",
      [project.projectId, `turn${turn}\\_%`],
    );
    return rows[0]!.n === FILES;
  };
  await waitFor(open, { timeoutMs: 10 * 60_000, what: `${FILES} files`, everyMs: 100 });
  return performance.now() - startedMs;
}

async function bareChains(redisUrl: string): Promise<number> {
  const connections: Redis[] = [];
  const connect = () => {
    const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
    connections.push(connection);
    return connection as never;
  };
  const queues = Array.from(
    { length: STAGES },
    (_, n) => new Queue(`bare${n}`, { connection: connect(), prefix: "{bare}" }),
  );
  const options = { removeOnComplete: true, removeOnFail: true };
  const done = Promise.withResolvers<void>();
  let left = FILES;
  const workers = queues.map(
    (_, n) =>
      new Worker(
        `bare${n}`,
        async (job) => {
          if (n + 1 < STAGES) await queues[n + 1]!.add("file", job.data, options);
          else if (--left === 0) done.resolve();
        },
        { connection: connect(), prefix: "{bare}", concurrency: 8 },
      ),
  );
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  const startedMs = performance.now();
  await queues[0]!.addBulk(Array.from({ length: FILES }, (_, n) => ({ name: "file", data: { n }, opts: options })));
  await done.promise;
  const elapsedMs = performance.now() - startedMs;
  await Promise.all(workers.map((worker) => worker.close()));
  await Promise.all(queues.map((queue) => queue.close()));
  for (const connection of connections) connection.disconnect();
  return elapsedMs;
}
