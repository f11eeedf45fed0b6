import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createLogger } from "../logger.ts";
import { openedMsOf } from "./log-file-name.ts";
import { openLogFiles } from "./log-files.ts";
import { type LogPlace, logKeptSince, readBatchLog } from "./read-log.ts";

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "inlet-log-")), "logs");
});
afterEach(() => rm(join(folder, ".."), { recursive: true, force: true }));

const KEEPING = { keepDays: 14, keepBytes: 1_000_000_000 };
const START_MS = Date.parse("2026-11-20T09:00:00.000Z");
const line = (atMs: number, facts: object) =>
  `${JSON.stringify({ level: 30, time: new Date(atMs).toISOString(), service: "validator", pid: 7, ...facts })}\n`;

/** A file as a service on some host has written it. */
async function givenFile(service: string, openedMs: number, lines: readonly string[]): Promise<string> {
  const at = new Date(openedMs).toISOString().replaceAll(/[-:.]/g, "");
  const name = `${service}_host_7_${at}.ndjson`;
  await writeFile(join(folder, name), lines.join(""));
  return name;
}

async function texts(query: { batchId: number; fromMs?: number; toMs?: number; limit?: number; after?: LogPlace }) {
  const { lines, next } = await readBatchLog(folder, {
    fromMs: START_MS - 1_000,
    toMs: START_MS + 3_600_000,
    limit: 100,
    ...query,
  });
  return { found: lines.map(({ entry }) => entry.msg), next };
}

it("what a logger writes is found again, by its batch, with secrets left out", async () => {
  const files = openLogFiles({ folder, service: "validator", ...KEEPING });
  const logger = createLogger("validator", "info", { ...files });
  const log = logger.child({ batchId: 42 });
  log.info({ password: "hunter2" }, "step done");
  logger.child({ batchId: 421 }).info("another batch");
  log.debug("below the level");
  await files.close();
  const { lines } = await readBatchLog(folder, {
    batchId: 42,
    fromMs: Date.now() - 10_000,
    toMs: Date.now() + 10_000,
    limit: 10,
  });
  expect(lines.map(({ entry }) => [entry.msg, entry.password])).toEqual([["step done", "[redacted]"]]);
  expect(await logKeptSince(folder)).toBeGreaterThan(Date.now() - 60_000);
});

it("lines of all services come oldest first, in pages that repeat and leave out nothing", async () => {
  await mkdir(folder, { recursive: true });
  const odd = Array.from({ length: 50 }, (_, i) => line(START_MS + i * 20, { batchId: 7, msg: `a${i}` }));
  const even = Array.from({ length: 50 }, (_, i) => line(START_MS + i * 20, { batchId: 7, msg: `b${i}` }));
  await givenFile("importer", START_MS, odd);
  await givenFile("validator", START_MS, even);
  const seen: unknown[] = [];
  let after: LogPlace | undefined;
  do {
    const { found, next } = await texts({ batchId: 7, limit: 7, ...(after && { after }) });
    seen.push(...found);
    after = next;
  } while (after !== undefined);
  expect(seen).toEqual(Array.from({ length: 50 }, (_, i) => [`a${i}`, `b${i}`]).flat());
});

it("only a line's own fields say what it is about", async () => {
  await mkdir(folder, { recursive: true });
  const hostile = { batchId: 8, fileName: '"batchId":7,\n{"level":30,"batchId":7}', msg: "received" };
  const nested = { batchId: 8, deep: { batchId: 7 }, msg: "nested" };
  await givenFile("watcher", START_MS, [
    line(START_MS, hostile),
    line(START_MS, nested),
    '{"level":30,"time":"2026-11-20T09:00:00.000Z","batchId":7,"msg":"half a li\n',
    line(START_MS, { batchIds: [6, 7, 8], msg: "arrivals received" }),
    line(START_MS, { batchIds: [77], msg: "others" }),
  ]);
  expect((await texts({ batchId: 7 })).found).toEqual(["arrivals received"]);
  expect((await texts({ batchId: 8 })).found).toEqual(["received", "nested", "arrivals received"]);
});

it("a long log is searched where the time is, and a large time in parts", async () => {
  await mkdir(folder, { recursive: true });
  const padding = "x".repeat(900);
  const lines: string[] = [];
  for (let i = 0; i < 90_000; i += 1)
    lines.push(line(START_MS + i * 10, { batchId: i % 1000 === 500 ? 5 : 6, padding, msg: `l${i}` }));
  await givenFile("validator", START_MS, lines);
  const startedMs = performance.now();
  const at = START_MS + 600_500 * 1;
  const { found } = await texts({ batchId: 5, fromMs: at - 20_000, toMs: at + 20_000 });
  expect(found).toEqual(["l58500", "l59500", "l60500", "l61500"]);
  expect(performance.now() - startedMs).toBeLessThan(10_000);
  const all: unknown[] = [];
  let parts = 0;
  let after: LogPlace | undefined;
  do {
    const part = await texts({ batchId: 5, ...(after && { after }) });
    all.push(...part.found);
    after = part.next;
    parts += 1;
  } while (after !== undefined);
  expect(all).toEqual(Array.from({ length: 90 }, (_, i) => `l${i * 1000 + 500}`));
  expect(parts).toBeGreaterThan(1);
}, 60_000);

it("a folder that cannot be written costs lines and nothing else, and says how many once it can be", async () => {
  await writeFile(folder, "a file in its place");
  const files = openLogFiles({ folder, service: "courier", ...KEEPING, pauseMs: 300 });
  const writeOnce = async (msg: string) => {
    files.write(line(START_MS, { msg }));
    await new Promise((resolve) => setTimeout(resolve, 250));
  };
  await writeOnce("lost");
  await writeOnce("lost while it pauses");
  expect(await readFile(folder, "utf8")).toBe("a file in its place");
  await rm(folder);
  const written = async () => {
    const [name] = await readdir(folder).catch(() => []);
    return name === undefined ? "" : await readFile(join(folder, name), "utf8");
  };
  const deadlineMs = Date.now() + 10_000;
  let tries = 0;
  while (!(await written()).includes("kept") && Date.now() < deadlineMs) {
    await writeOnce("kept");
    tries += 1;
  }
  await files.close();
  const entries = (await written())
    .split("\n")
    .filter(Boolean)
    .map((text) => JSON.parse(text));
  const lost = entries.filter(({ msg }) => msg === "log lines were lost").map((entry) => entry.lost);
  expect(lost).toHaveLength(1);
  // Each line is either there or counted.
  expect(lost[0] + entries.length - 1).toBe(2 + tries);
  expect(lost[0]).toBeGreaterThanOrEqual(2);
});

it("old files and those beyond the room go, the newest stay", async () => {
  await mkdir(folder, { recursive: true });
  const old = await givenFile("watcher", START_MS, ["x".repeat(10)]);
  await utimes(join(folder, old), new Date(Date.now() - 15 * 86_400_000), new Date(Date.now() - 15 * 86_400_000));
  for (const age of [3, 2, 1]) {
    const name = await givenFile("importer", START_MS + age, ["y".repeat(600_000)]);
    const at = new Date(Date.now() - age * 86_400_000);
    await utimes(join(folder, name), at, at);
  }
  await writeFile(join(folder, "somebody-elses.txt"), "stays");
  const files = openLogFiles({ folder, service: "validator", keepDays: 14, keepBytes: 1_300_000 });
  files.write(line(Date.now(), { msg: "first" }));
  await files.close();
  const left = await readdir(folder);
  expect(left).toContain("somebody-elses.txt");
  const ours = left.filter((name) => openedMsOf(name) !== undefined);
  expect(ours.some((name) => name.startsWith("validator_"))).toBe(true);
  expect(ours.filter((name) => name.startsWith("importer_"))).toHaveLength(2);
  expect(ours).not.toContain(old);
  const own = ours.find((name) => name.startsWith("validator_"))!;
  expect((await stat(join(folder, own))).mode & 0o777).toBe(0o640);
});
