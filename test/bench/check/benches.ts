import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BenchOptions, type BenchResult, inTurn, median } from "../measure.ts";
import { type FileKind, spoiledRecords, writeCheckFile } from "./files.ts";
import { CAN_PIN, oneTurn, type Side, startSide } from "./side.ts";
import type { TurnResult } from "./side-main.ts";
import type { SideName } from "./sides.ts";
import type { Outcome, Turn } from "./turn.ts";

const RECORDS = 1_000_000;
const WIDE_RECORDS = 10_000;
const INLET = join(import.meta.dirname, "../../../packages/cli/src/main.ts");
/** The slow peers are measured this often; their distance is not a matter of a few percent. */
const SLOW_PAIRS = 2;
const SLOW_PEERS: readonly SideName[] = ["papaparse", "csv-parse", "fast-csv"];

interface CheckFile {
  kind: FileKind;
  records: number;
  sizeBytes: number;
  turn: Turn;
}

/** A folder that is gone afterwards, laid out as a blob store, and whatever sides were started. */
async function atWork<T>(
  work: (tools: {
    file: (kind: FileKind, records: number) => Promise<CheckFile>;
    side: (name: SideName) => Side;
  }) => Promise<T>,
  say: (line: string) => void,
): Promise<T> {
  const store = await mkdtemp(join(tmpdir(), "inlet-bench-"));
  const sides: Side[] = [];
  try {
    const folder = join(store, "bench", "1");
    await mkdir(folder, { recursive: true });
    return await work({
      async file(kind, records) {
        say(`writing ${records.toLocaleString("en")} records (${kind})`);
        const path = join(folder, `${kind}-${records}`);
        const sizeBytes = await writeCheckFile(path, kind, records);
        const table = kind === "wide" ? "wide" : "check";
        return { kind, records, sizeBytes, turn: { path, table, isLatin: kind === "latin" } };
      },
      side(name) {
        const side = startSide(name);
        sides.push(side);
        return side;
      },
    });
  } finally {
    for (const side of sides) await side.stop();
    await rm(store, { recursive: true, force: true });
  }
}

/** Takes a turn and makes sure that the side has found what is in the file. */
async function checked(side: Side, { turn, ...file }: CheckFile): Promise<TurnResult> {
  const result = await side.turn(turn);
  const expected: Outcome = {
    records: file.records,
    rejected: file.kind === "dirty" ? spoiledRecords(file.records) : 0,
  };
  const { records, rejected } = result.outcome;
  if (records !== expected.records || rejected !== expected.rejected) {
    throw new Error(`found ${rejected} of ${records} records faulty, not ${expected.rejected} of ${expected.records}`);
  }
  return result;
}

/** A side's turns one after the other: medians. */
async function turns(side: Side, file: CheckFile, count: number): Promise<{ medianMs: number; processorMs: number }> {
  const results: TurnResult[] = [];
  for (let turn = 0; turn < count; turn += 1) results.push(await checked(side, file));
  return {
    medianMs: Math.round(median(results.map(({ ms }) => ms))),
    processorMs: Math.round(median(results.map(({ processorMs }) => processorMs))),
  };
}

/** The check against DuckDB, csv-parse, papaparse and fast-csv. Everything in the file, and each side's verdict, is the same. */
export function measureCheck({ pairs, say, records = RECORDS }: BenchOptions): Promise<BenchResult> {
  return atWork(async ({ file, side }) => {
    const clean = await file("clean", records);
    const ours = side("inlet");
    const peer = side("duckdb");
    say("warming up");
    await checked(ours, clean);
    await checked(peer, clean);
    let last: TurnResult | undefined;
    const times = await inTurn(
      pairs,
      {
        ours: async () => {
          last = await checked(ours, clean);
          return last.ms;
        },
        peer: async () => (await checked(peer, clean)).ms,
      },
      say,
    );
    const oursMs = median(times.ours);
    say("with the canonical, rejected and error files written");
    const withProducts = await turns(ours, { ...clean, turn: { ...clean.turn, withProducts: true } }, pairs);
    const peers: Record<string, { medianMs: number; ratio: number }> = {};
    for (const name of SLOW_PEERS) {
      say(name);
      const slow = side(name);
      const { medianMs } = await turns(slow, clean, Math.min(pairs, SLOW_PAIRS));
      await slow.stop();
      peers[name] = { medianMs, ratio: oursMs / medianMs };
    }
    return {
      name: "check",
      ratio: oursMs / median(times.peer),
      ours: { medianMs: oursMs, peakMemoryMb: Math.round(last!.peakMemoryMb) },
      peer: { name: "DuckDB, two threads", medianMs: median(times.peer) },
      pairs,
      details: {
        records,
        sizeBytes: clean.sizeBytes,
        oursOnOneCore: CAN_PIN,
        measured: "verdict, counts and findings; no file is written",
        withCanonicalWritten: { ...withProducts, ratio: withProducts.medianMs / median(times.peer) },
        peers,
        times,
      },
    };
  }, say);
}

/** A file with 5 % bad records against the clean one; and DuckDB on the same. */
export function measureCheckDirty({ pairs, say, records = RECORDS }: BenchOptions): Promise<BenchResult> {
  return atWork(async ({ file, side }) => {
    const clean = await file("clean", records);
    const dirty = await file("dirty", records);
    const ours = side("inlet");
    say("warming up");
    await checked(ours, clean);
    await checked(ours, dirty);
    const times = await inTurn(
      pairs,
      { ours: async () => (await checked(ours, dirty)).ms, peer: async () => (await checked(ours, clean)).ms },
      say,
    );
    say("with the canonical, rejected and error files written");
    const products = await turns(ours, { ...dirty, turn: { ...dirty.turn, withProducts: true } }, pairs);
    const { peakMemoryMb } = await oneTurn("inlet", dirty.turn);
    say("DuckDB");
    const other = await turns(side("duckdb"), dirty, Math.min(pairs, SLOW_PAIRS));
    return {
      name: "check-dirty",
      ratio: median(times.ours) / median(times.peer),
      ours: { medianMs: median(times.ours), peakMemoryMb: Math.round(peakMemoryMb) },
      peer: { name: "ours, clean file", medianMs: median(times.peer) },
      pairs,
      details: {
        records,
        spoiled: spoiledRecords(records),
        sizeBytes: dirty.sizeBytes,
        oursOnOneCore: CAN_PIN,
        withErrorFileWritten: products,
        duckdb: other,
        times,
      },
    };
  }, say);
}

/** A file of another make against the `check` file, nanoseconds per byte. */
function measurePerByte(
  { pairs, say, records = RECORDS }: BenchOptions,
  { name, kind, ofRecords }: { name: string; kind: FileKind; ofRecords: (records: number) => number },
): Promise<BenchResult> {
  return atWork(async ({ file, side }) => {
    const plain = await file("clean", records);
    const other = await file(kind, ofRecords(records));
    const ours = side("inlet");
    say("warming up");
    await checked(ours, plain);
    await checked(ours, other);
    const times = await inTurn(
      pairs,
      { ours: async () => (await checked(ours, other)).ms, peer: async () => (await checked(ours, plain)).ms },
      say,
    );
    const nsPerByte = {
      [kind]: (median(times.ours) * 1e6) / other.sizeBytes,
      clean: (median(times.peer) * 1e6) / plain.sizeBytes,
    };
    const { peakMemoryMb } = await oneTurn("inlet", other.turn);
    say("DuckDB");
    const duckdb = await turns(side("duckdb"), other, Math.min(pairs, SLOW_PAIRS));
    return {
      name,
      ratio: nsPerByte[kind]! / nsPerByte.clean!,
      ours: { medianMs: median(times.ours), peakMemoryMb: Math.round(peakMemoryMb) },
      peer: { name: "ours, the file of `check`", medianMs: median(times.peer) },
      pairs,
      details: {
        records: other.records,
        sizeBytes: other.sizeBytes,
        peerSizeBytes: plain.sizeBytes,
        nsPerByte,
        oursOnOneCore: CAN_PIN,
        duckdb,
        times,
      },
    };
  }, say);
}

/** How long `inlet check FILE --json` takes, as somebody at a shell waits for it. */
async function commandMs(path: string): Promise<number> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [INLET, "check", path, "--json"], { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`inlet check ended with ${code}`);
  return performance.now() - startedMs;
}

const same = (records: number) => records;

/** 1,000 columns; a hundredth of the records. */
export const measureCheckWide = (options: BenchOptions): Promise<BenchResult> =>
  measurePerByte(options, {
    name: "check-wide",
    kind: "wide",
    ofRecords: (records) => Math.ceil((records / RECORDS) * WIDE_RECORDS),
  });

/** Every field in quotes, with line breaks and doubled quotes inside. */
export const measureCheckQuoted = (options: BenchOptions): Promise<BenchResult> =>
  measurePerByte(options, { name: "check-quoted", kind: "quoted", ofRecords: same });

/** Windows-1252, a word beyond ASCII in every record. */
export const measureCheckLatin = (options: BenchOptions): Promise<BenchResult> =>
  measurePerByte(options, { name: "check-latin", kind: "latin", ofRecords: same });

/**
 * Ten times the records: time per record, and memory. Each turn is a fresh process that has read a tenth of the smaller file
 * before, so that both are as warm; a tenth of the smaller file is also measured from a cold start to the end of the process.
 */
export function measureCheckGrowth({ pairs, say, records = RECORDS }: BenchOptions): Promise<BenchResult> {
  return atWork(async ({ file }) => {
    const small = await file("clean", Math.max(1, Math.round(records / 10)));
    const middle = await file("clean", records);
    const large = await file("clean", records * 10);
    const memories = { middle: [] as number[], large: [] as number[] };
    const warmTurn = async (of: CheckFile, into: number[]) => {
      const side = startSide("inlet");
      await checked(side, small);
      const { ms, peakMemoryMb } = await checked(side, of);
      await side.stop();
      into.push(peakMemoryMb);
      return ms;
    };
    const times = await inTurn(
      pairs,
      { ours: () => warmTurn(large, memories.large), peer: () => warmTurn(middle, memories.middle) },
      say,
    );
    say("start-up included");
    const cold: number[] = [];
    for (let turn = 0; turn < pairs; turn += 1) cold.push((await oneTurn("inlet", small.turn)).wholeMs);
    const command: number[] = [];
    for (let turn = 0; turn < pairs; turn += 1) command.push(await commandMs(small.turn.path));
    return {
      name: "check-growth",
      ratio: median(times.ours) / large.records / (median(times.peer) / middle.records),
      ours: { medianMs: median(times.ours), peakMemoryMb: Math.round(median(memories.large)) },
      peer: { name: "ours, a tenth of the records", medianMs: median(times.peer) },
      pairs,
      details: {
        records: large.records,
        sizeBytes: large.sizeBytes,
        oursOnOneCore: CAN_PIN,
        peakMemoryMb: {
          [middle.records]: Math.round(median(memories.middle)),
          [large.records]: Math.round(median(memories.large)),
        },
        startUpIncluded: {
          records: small.records,
          medianMs: Math.round(median(cold)),
          // Without a profile: the types of the columns are found out, too.
          inletCheckMedianMs: Math.round(median(command)),
        },
        times,
      },
    };
  }, say);
}
