import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FAULT_KINDS, type FaultScore, findFault, plantFault } from "../delimited/planted-faults.ts";
import type { FaultAnswer, FaultQuestion } from "./faults-duckdb.ts";
import { type BenchOptions, type BenchResult, median } from "./measure.ts";

/** Files per kind of fault; `--records` chooses another number. */
const VARIANTS = 150;
const SEED = 20_261_121;

/**
 * Single faults planted in some thousand small files: how often the exact line is named, and the column. Ours finds out
 * dialect and encoding by itself; DuckDB, which rejects rows into a table with their lines, is told both. `ratio` is our
 * share of files in which the exact line is named. A file that ends DuckDB's process counts as one in which it names nothing.
 */
export async function measureFaults({ say, records: variants = VARIANTS }: BenchOptions): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), "inlet-faults-"));
  const peerSide = new DuckdbSide();
  try {
    const scores: Record<string, FaultScore & { peerLine: number; peerColumn: number }> = {};
    const times = { ours: [] as number[], peer: [] as number[] };
    for (const kind of FAULT_KINDS) {
      say(kind);
      const score = { files: 0, line: 0, columnFiles: 0, column: 0, alone: 0, peerLine: 0, peerColumn: 0 };
      scores[kind] = score;
      for (let variant = 0; variant < variants; variant += 1) {
        const fault = plantFault(SEED, kind, variant);
        if (fault === undefined) continue;
        const startedMs = performance.now();
        const found = await findFault(fault);
        times.ours.push(performance.now() - startedMs);
        const path = join(folder, "fault.csv");
        await writeFile(path, fault.bytes);
        const peerStartedMs = performance.now();
        const peer = await peerSide.ask({ path, dialect: fault.dialect });
        times.peer.push(performance.now() - peerStartedMs);
        score.files += 1;
        score.line += Number(found.line);
        score.alone += Number(found.alone);
        // DuckDB's line is the record's number with the header counted, also where cells hold line ends.
        const isPeerRight = peer !== undefined && [fault.line, fault.record + 1].includes(peer.line);
        score.peerLine += Number(isPeerRight);
        if (found.column === null) continue;
        score.columnFiles += 1;
        score.column += Number(found.column);
        score.peerColumn += Number(isPeerRight && peer.column === fault.column);
      }
    }
    const sum = (of: keyof (typeof scores)[string]) =>
      Object.values(scores).reduce((total, score) => total + score[of], 0);
    return {
      name: "faults",
      ratio: sum("line") / sum("files"),
      ours: { medianMs: median(times.ours), peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024) },
      peer: { name: "DuckDB, store_rejects", medianMs: median(times.peer) },
      pairs: 1,
      details: {
        files: sum("files"),
        lineExact: sum("line") / sum("files"),
        columnExact: sum("column") / sum("columnFiles"),
        nothingElseNamed: sum("alone") / sum("files"),
        peerLineExact: sum("peerLine") / sum("files"),
        peerCrashes: peerSide.crashes,
        peerColumnExact: sum("peerColumn") / sum("columnFiles"),
        kinds: scores,
      },
    };
  } finally {
    peerSide.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** DuckDB in a process that is begun anew when a file has ended it. */
class DuckdbSide {
  crashes = 0;
  #child: ChildProcess | undefined;

  ask(question: FaultQuestion): Promise<FaultAnswer> {
    this.#child ??= fork(fileURLToPath(new URL("./faults-duckdb.ts", import.meta.url)));
    const child = this.#child;
    return new Promise((resolve) => {
      const onExit = () => {
        this.crashes += 1;
        this.#child = undefined;
        resolve(undefined);
      };
      child.once("exit", onExit);
      child.once("message", (message) => {
        child.off("exit", onExit);
        resolve((message as { answer?: FaultAnswer }).answer);
      });
      child.send(question);
    });
  }

  stop(): void {
    this.#child?.disconnect();
  }
}
