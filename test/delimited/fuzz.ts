// `npm run fuzz -- [--minutes 60] [--seed N] [--only N] [--out FOLDER]`: throws random and damaged files at the engine and
// holds it to what it promises. Exit code 1 when a promise was broken.
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { fuzzCase } from "./fuzz-case.ts";
import { holdToPromises } from "./fuzz-promises.ts";
import type { FuzzNews } from "./fuzz-worker.ts";

/** Processor time that one case may take. The slowest, of a few megabytes, take a fraction of a second. */
const CASE_PROCESSOR_MS = 20_000;
/** A case that neither ends nor uses the processor: something waits for ever. */
const STUCK_MS = 120_000;
/**
 * Resident memory. Inputs have at most a few megabytes, but the error file of one whose every line is broken has a hundred and
 * more, and this test holds it several times over; the engine itself needs some 150 for such a file.
 */
const MOST_MEMORY_MB = 1_800;
/** Failures of one sort that are written out. */
const KEPT_PER_SORT = 3;
const LOOK_EVERY_MS = 1000;
const TELL_EVERY_MS = 60_000;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    only: { type: "string" },
    out: { type: "string", default: join(tmpdir(), "inlet-fuzz") },
  },
});
const seed = Number(values.seed);

if (values.only !== undefined) {
  const input = fuzzCase(seed, Number(values.only));
  save(Number(values.only));
  process.stdout.write(`${input.kind}, ${input.bytes.length} bytes: ${values.out}\n`);
  process.stdout.write(`${await holdToPromises(input)}\n`);
} else {
  process.exitCode = await fuzz(Number(values.minutes) * 60_000);
}

async function fuzz(durationMs: number): Promise<number> {
  const startedMs = performance.now();
  const sorts = new Map<string, number>();
  const outcomes: Record<string, number> = {};
  let cases = 0;
  let bytes = 0;
  let peakMb = 0;
  const tell = () => {
    const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
    const failures = [...sorts.values()].reduce((sum, count) => sum + count, 0);
    process.stdout.write(
      `${minutes} min, seed ${seed}: ${cases} cases, ${(bytes / 1e6).toFixed(0)} MB, ${failures} failures of ${sorts.size} sorts, peak ${peakMb} MB, ${JSON.stringify(outcomes)}\n`,
    );
  };
  const fail = (index: number, text: string) => {
    const sort = sortOf(text);
    const seen = (sorts.get(sort) ?? 0) + 1;
    sorts.set(sort, seen);
    if (seen > KEPT_PER_SORT) return;
    const file = save(index);
    process.stdout.write(
      `\ncase ${index}: ${text.slice(0, 2000)}\n  input: ${file}\n  again: npm run fuzz -- --seed ${seed} --only ${index}\n`,
    );
  };

  let next = 0;
  let toldMs = startedMs;
  while (performance.now() - startedMs < durationMs) {
    // A thread ends where it hangs or grows; the next one goes on after its case.
    const progress = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(new URL("./fuzz-worker.ts", import.meta.url), {
      workerData: { seed, from: next, progress },
    });
    let died: string | undefined;
    let isNew = true;
    worker.on("error", (error) => {
      died = `the thread died: ${error.stack ?? error.message}`;
    });
    worker.on("message", (news: FuzzNews) => {
      isNew = true;
      cases += 1;
      bytes += news.sizeBytes;
      const outcome = `${news.kind}: ${news.outcome ?? "broken"}`;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (news.failure !== undefined) fail(news.index, news.failure);
    });
    const since = { processorMs: processorMs(), ms: performance.now() };
    while (died === undefined && performance.now() - startedMs < durationMs) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      const memoryMb = Math.round(process.memoryUsage.rss() / 1e6);
      peakMb = Math.max(peakMb, memoryMb);
      if (memoryMb > MOST_MEMORY_MB) died = `the process has grown to ${memoryMb} MB`;
      if (isNew) {
        isNew = false;
        since.processorMs = processorMs();
        since.ms = performance.now();
      }
      if (processorMs() - since.processorMs > CASE_PROCESSOR_MS) died = `hangs: more than ${CASE_PROCESSOR_MS} ms`;
      else if (performance.now() - since.ms > STUCK_MS && processorMs() - since.processorMs < STUCK_MS / 100) {
        died = "waits for something that never comes";
      }
      if (performance.now() - toldMs > TELL_EVERY_MS) {
        toldMs = performance.now();
        tell();
      }
    }
    await worker.terminate();
    const at = Atomics.load(progress, 0);
    if (died !== undefined) fail(at, died);
    next = at + 1;
  }
  tell();
  return sorts.size > 0 ? 1 : 0;
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What failures of one cause have in common: the message without numbers and quoted text, and where it was thrown. */
function sortOf(text: string): string {
  const [message = "", ...stack] = text.split("\n");
  const where = stack.find((line) => line.includes("delimited/src")) ?? "";
  return `${message
    .replace(/:.*$/, (rest) => (rest.includes("{") ? "" : rest))
    .replaceAll(/\d+|"[^"]*"/g, "#")
    .slice(0, 80)} ${where.trim()}`;
}

/** Writes a case's bytes and circumstances; returns the file's path. */
function save(index: number): string {
  mkdirSync(values.out, { recursive: true });
  const { bytes, table, kind, cuts } = fuzzCase(seed, index);
  const path = join(values.out, `${seed}-${index}.csv`);
  writeFileSync(path, bytes);
  const circumstances = { seed, index, kind, table, cuts: cuts.map((list) => list.slice(0, 100)) };
  writeFileSync(`${path}.json`, `${JSON.stringify(circumstances, null, 2)}\n`);
  return path;
}
