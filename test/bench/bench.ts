import os from "node:os";
import { parseArgs } from "node:util";
import { measureApi } from "./api.ts";
import {
  measureCheck,
  measureCheckDirty,
  measureCheckGrowth,
  measureCheckLatin,
  measureCheckQuoted,
  measureCheckWide,
} from "./check/benches.ts";
import { measureFairness } from "./fairness.ts";
import { measureFaults } from "./faults.ts";
import { measureImport, measureMemory, measurePipeline } from "./file-benches.ts";
import { measureLanding } from "./landing.ts";
import { measureLive } from "./live.ts";
import type { BenchOptions, BenchResult } from "./measure.ts";
import { measureMp4 } from "./mp4.ts";
import { measurePgp } from "./pgp.ts";
import { measurePull } from "./pull.ts";
import { measurePurl } from "./purl.ts";
import { measureSmallFiles } from "./small-files.ts";
import { measureSyncLag } from "./sync/sync-lag.ts";
import { measureSyncOut } from "./sync/sync-out.ts";
import { measureThumbnail } from "./thumbnail.ts";
import { measureWorstCases } from "./worst-cases.ts";

const BENCHES: Record<string, (options: BenchOptions) => Promise<BenchResult>> = {
  import: ({ pairs, say }) => measureImport(pairs, say),
  pipeline: ({ pairs, say }) => measurePipeline(pairs, say),
  "small-files": ({ pairs, say }) => measureSmallFiles(pairs, say),
  fairness: measureFairness,
  purl: measurePurl,
  pull: measurePull,
  "sync-out": measureSyncOut,
  "sync-lag": measureSyncLag,
  pgp: measurePgp,
  api: measureApi,
  landing: measureLanding,
  live: measureLive,
  mp4: measureMp4,
  memory: ({ say }) => measureMemory(say),
  check: measureCheck,
  "check-dirty": measureCheckDirty,
  "check-wide": measureCheckWide,
  "check-quoted": measureCheckQuoted,
  "check-latin": measureCheckLatin,
  "check-growth": measureCheckGrowth,
  faults: measureFaults,
  thumbnail: measureThumbnail,
  "worst-cases": measureWorstCases,
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    pairs: { type: "string", default: "5" },
    /** Fewer records (`check…`, `pull`, `sync-…`) or bytes (`worst-cases`) than the benchmark has, for a quick look. */
    records: { type: "string" },
    bytes: { type: "string" },
  },
});
const [name] = positionals;
const bench = name === undefined ? undefined : BENCHES[name];
const pairs = Number(values.pairs);
const records = values.records === undefined ? undefined : Number(values.records);
const sizeBytes = values.bytes === undefined ? undefined : Number(values.bytes);
const isWhole = (number: number | undefined) => number === undefined || (Number.isSafeInteger(number) && number >= 1);
if (bench === undefined || ![pairs, records, sizeBytes].every(isWhole)) {
  process.stderr.write(
    `usage: npm run bench -- ${Object.keys(BENCHES).join("|")} [--pairs N] [--records N] [--bytes N] [--json]\n`,
  );
  process.exit(2);
}
const result = await bench({ pairs, records, sizeBytes, say: (line) => process.stderr.write(`${line}\n`) });
const memoryGb = Math.round(os.totalmem() / 1024 ** 3);
const machine = `${os.availableParallelism()} cores, ${memoryGb} GB, ${os.cpus()[0]?.model.trim() ?? "unknown processor"}`;
process.stdout.write(
  `${result.name}: ours ${result.ours.medianMs.toFixed(0)} ms, ${result.peer.name} ${result.peer.medianMs.toFixed(0)} ms, ratio ${result.ratio.toFixed(3)}; peak memory ${result.ours.peakMemoryMb} MB (${result.pairs} pairs, medians; ${machine})\n`,
);
if (values.json) process.stdout.write(`${JSON.stringify({ ...result, details: { machine, ...result.details } })}\n`);
