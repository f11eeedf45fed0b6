import type { DoPull, PullDone, PullResult } from "@inlet/pipeline";
import { type ImportParts, importPull } from "./import-pull.ts";
import type { Systems } from "./open-system.ts";
import { probePull } from "./probe-pull.ts";
import { pullPlan } from "./pull-plan.ts";
import { removeSpool } from "./spool.ts";

interface Deps extends ImportParts {
  systems: Systems;
}

/** Does pulls and probes: connects, pulls, and cleans up after what came to nothing. */
export function doPulls({ systems, ...parts }: Deps): DoPull {
  return async (work): Promise<PullDone> => {
    const { pull, profile, signal, logger } = work;
    const plan = pullPlan(profile, pull.tableName);
    if (plan === undefined) {
      const message = `The project's profile pulls no table ${pull.tableName} any more.`;
      return { end: "cancelled", reason: { code: "pull_outdated", message } };
    }
    if (pull.purpose === "import" && pull.rehearsal !== pull.isRehearsing) {
      const message = "The project went live, or began to rehearse, before the pull began. Pull again.";
      return { end: "cancelled", reason: { code: "pull_outdated", message } };
    }
    const system = systems.open(plan.system, pull, logger);
    try {
      if (pull.purpose === "probe") return { end: "probed", result: await probePull(system, { plan, signal }) };
      const result = await importPull(parts, { work, plan, system });
      return { ...result, clear: () => clear(parts.dataFolder, result) };
    } finally {
      await system.close();
    }
  };
}

/** Removes what nobody needs of a pull's spool. What it received stays. */
async function clear(dataFolder: string, result: PullResult): Promise<void> {
  if (!("progress" in result) || result.progress.spool === null) return;
  const { spool } = result.progress;
  const isFile = result.end === "received" && result.file.location === spool;
  await removeSpool(dataFolder, spool, { keysAlone: isFile });
}
