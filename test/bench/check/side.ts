import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TurnResult } from "./side-main.ts";
import type { SideName } from "./sides.ts";
import type { Turn } from "./turn.ts";

/** A side that is ready to take its turns, in a process of its own. */
export interface Side {
  turn(turn: Turn): Promise<TurnResult>;
  stop(): Promise<void>;
}

const MAIN = join(import.meta.dirname, "side-main.ts");
const TASKSET = "/usr/bin/taskset";
/** Whether a process can be held to one core here. */
export const CAN_PIN = process.platform === "linux" && existsSync(TASKSET);

/**
 * Starts a side. All but DuckDB, which has two threads, are held to one core where the system can do that: what Node does
 * beside the script (garbage collection, compilation, reading) then takes part of the same core.
 */
export function startSide(name: SideName): Side {
  const pinned = CAN_PIN && name !== "duckdb";
  const [command, ...args] = [...(pinned ? [TASKSET, "-c", "0"] : []), process.execPath, MAIN, name];
  const child: ChildProcess = spawn(command!, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const gone = once(child, "exit");
  return {
    async turn(turn) {
      child.send(turn);
      const [answer] = (await Promise.race([
        once(child, "message"),
        gone.then(([code, signal]) => Promise.reject(new Error(`${name} ended: ${signal ?? code}`))),
      ])) as [TurnResult | { error: string }];
      if ("error" in answer) throw new Error(`${name} failed: ${answer.error}`);
      return answer;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}

/** One turn in a process that is started for it: resolves to the whole time from start to end as well. */
export async function oneTurn(name: SideName, turn: Turn): Promise<TurnResult & { wholeMs: number }> {
  const startedMs = performance.now();
  const side = startSide(name);
  const result = await side.turn(turn);
  await side.stop();
  return { ...result, wholeMs: performance.now() - startedMs };
}
