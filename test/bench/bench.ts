import os from "node:os";
import { parseArgs } from "node:util";
import { measureImport, measureMemory, measurePipeline } from "./file-benches.ts";
import type { BenchResult } from "./measure.ts";
import { measureSmallFiles } from "./small-files.ts";

const BENCHES: Record<string, (pairs: number, say: (line: string) => void) => Promise<BenchResult>> = {
  import: measureImport,
  pipeline: measurePipeline,
  "small-files": measureSmallFiles,
  memory: (_pairs, say) => measureMemory(say),
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, pairs: { type: "string", default: "5" } },
});
const [name] = positionals;
const bench = name === undefined ? undefined : BENCHES[name];
const pairs = Number(values.pairs);
if (bench === undefined || !Number.isInteger(pairs) || pairs < 1) {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHES).join("|")} [--pairs N] [--json]\n`);
  process.exit(2);
}
const result = await bench(pairs, (line) => process.stderr.write(`${line}\n`));
const memoryGb = Math.round(os.totalmem() / 1024 ** 3);
const machine = `${os.availableParallelism()} cores, ${memoryGb} GB, ${os.cpus()[0]?.model.trim() ?? "unknown processor"}`;
process.stdout.write(
  `${result.name}: ours ${result.ours.medianMs.toFixed(0)} ms, ${result.peer.name} ${result.peer.medianMs.toFixed(0)} ms, ratio ${result.ratio.toFixed(3)}; peak memory ${result.ours.peakMemoryMb} MB (${result.pairs} pairs, medians; ${machine})\n`,
);
if (values.json) process.stdout.write(`${JSON.stringify({ ...result, details: { machine, ...result.details } })}\n`);
