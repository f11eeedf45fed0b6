// One side of a `check` benchmark in a process of its own. It takes its turns from its parent, one message each.
import { readFileSync } from "node:fs";
import { SIDES, type SideName } from "./sides.ts";
import type { Outcome, Turn } from "./turn.ts";

/** What a side answers to a turn. */
export interface TurnResult {
  ms: number;
  outcome: Outcome;
  /** The most resident memory the process has had so far. */
  peakMemoryMb: number;
  /** Processor time of the turn, all threads together. */
  processorMs: number;
}

const run = await SIDES[process.argv[2] as SideName]();

process.on("message", (turn: Turn) => {
  void answer(turn);
});
process.on("disconnect", () => process.exit());

async function answer(turn: Turn): Promise<void> {
  try {
    const used = process.cpuUsage();
    const startedMs = performance.now();
    const { records, rejected } = await run(turn);
    const ms = performance.now() - startedMs;
    const { user, system } = process.cpuUsage(used);
    const result: TurnResult = {
      ms,
      outcome: { records, rejected },
      peakMemoryMb: peakMemoryMb(),
      processorMs: (user + system) / 1000,
    };
    process.send!(result);
  } catch (error) {
    process.send!({ error: (error as Error).stack ?? String(error) });
  }
}

function peakMemoryMb(): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))![1]) / 1024;
  } catch {
    return process.resourceUsage().maxRSS / 1024;
  }
}
