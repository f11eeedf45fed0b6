import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { BenchOptions, BenchResult } from "./measure.ts";
import type { WorstCaseResult } from "./worst-case-main.ts";
import { WORST_CASES } from "./worst-case-streams.ts";

const SIZE_BYTES = 1_000_000_000;
const MAIN = join(import.meta.dirname, "worst-case-main.ts");

/**
 * Files made to hurt, as streams of a gigabyte that never lie on a disk: processor time per byte against a clean file made in
 * the same way, and peak memory. Each case is a process of its own. `ratio` is the worst of those that take the whole size, in processor
 * time per byte; the others hold a million findings in a part of it, and are judged by the time that a finding takes.
 */
export async function measureWorstCases({ say, sizeBytes = SIZE_BYTES }: BenchOptions): Promise<BenchResult> {
  const cases: Record<string, WorstCaseResult & { nsPerByte: number; ratio: number; usPerFinding: number }> = {};
  let cleanNsPerByte = 0;
  for (const name of Object.keys(WORST_CASES)) {
    const result = await run(name, sizeBytes);
    // Processor time: there are too many cases to run each often enough for the clock's to mean something.
    const nsPerByte = (result.processorMs * 1e6) / result.sizeBytes;
    // The first one is the clean file.
    cleanNsPerByte ||= nsPerByte;
    cases[name] = {
      ...result,
      nsPerByte,
      ratio: nsPerByte / cleanNsPerByte,
      usPerFinding: (result.processorMs * 1000) / Math.max(1, result.issues),
    };
    say(
      `${name}: ${(result.processorMs / 1000).toFixed(1)} s of ${(result.sizeBytes / 1e6).toFixed(0)} MB, ${nsPerByte.toFixed(2)} ns a byte, ${result.peakMemoryMb} MB, ${result.issues} findings, ${result.firstError}`,
    );
  }
  const [clean, ...others] = Object.values(cases);
  const whole = Object.entries(cases).filter(([name]) => WORST_CASES[name]!.share === undefined);
  const worst = whole.map(([, result]) => result).reduce((a, b) => (b.ratio > a.ratio ? b : a));
  return {
    name: "worst-cases",
    ratio: worst.ratio,
    ours: { medianMs: worst.processorMs, peakMemoryMb: Math.max(...others.map(({ peakMemoryMb }) => peakMemoryMb)) },
    peer: { name: "ours, a clean file", medianMs: clean!.processorMs },
    pairs: 1,
    details: { sizeBytes, measured: "processor time", cases },
  };
}

async function run(name: string, sizeBytes: number): Promise<WorstCaseResult> {
  const child = spawn(process.execPath, [MAIN, name, String(sizeBytes)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const gone = once(child, "exit");
  const ended = gone.then(([code, signal]) => Promise.reject(new Error(`${name} ended: ${signal ?? code}`)));
  const [result] = (await Promise.race([once(child, "message"), ended])) as [WorstCaseResult];
  await gone;
  return result;
}
