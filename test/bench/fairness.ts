import { link } from "node:fs/promises";
import { join } from "node:path";
import { buildProfile } from "../fixtures/profile.ts";
import {
  type BenchHub,
  type BenchProject,
  endedBatch,
  openBenchHub,
  openBenchProject,
  peakMemories,
  recordArrivals,
} from "./hub.ts";
import { type BenchOptions, type BenchResult, median } from "./measure.ts";
import { SAMPLE_COLUMNS, smallFile, writeSampleFile } from "./sample-file.ts";
import { openSender, type Sender } from "./sender.ts";

const GIANT_RECORDS = 10_000_000;
/** Small files on their own, before the giant of each pair. */
const ALONE = 100;
const SERVICES = ["sftp-gateway", "watcher", "validator", "purl-generator", "importer", "courier"] as const;

/**
 * One client's small files, from close to result, while another client's giant goes through every stage, against the same
 * files on their own. One process of each service.
 */
export async function measureFairness({ pairs, say, records = GIANT_RECORDS }: BenchOptions): Promise<BenchResult> {
  const hub = await openBenchHub(SERVICES, { INLET_FAILPOINTS: "" });
  try {
    const giant = await openBenchProject(hub, profileOf("giant"));
    const small = await openBenchProject(hub, profileOf("small"));
    const file = join(hub.stack.dataFolder, "giant.csv");
    say(`writing ${records.toLocaleString("en")} records`);
    const written = await writeSampleFile(file, records);
    const sender = await openSender(hub, small);
    let sent = 0;
    const send = async (sender: Sender) => {
      sent += 1;
      return await sender.closeToResultMs(`small_${sent}.csv`, smallFile(sent));
    };
    for (let n = 0; n < 20; n += 1) await send(sender);

    const alone: number[] = [];
    const beside: number[] = [];
    const byStage: Record<string, number[]> = {};
    const giantMs: number[] = [];
    for (let pair = 1; pair <= pairs; pair += 1) {
      for (let n = 0; n < ALONE; n += 1) alone.push(await send(sender));
      const fileName = `giant_${pair}.csv`;
      await link(file, giant.folder(`/giant/Uploads/${fileName}`));
      const ids = await recordArrivals(hub, giant, [{ fileName, ...written }]);
      const startedMs = performance.now();
      await hub.publisher.arrivals(ids);
      let isOver = false;
      const end = endedBatch(hub, giant, fileName, 20 * 60_000).finally(() => {
        isOver = true;
      });
      while (!isOver) {
        const stage = await stageOf(hub, giant, fileName);
        const ms = await send(sender);
        beside.push(ms);
        if (stage === undefined) continue;
        byStage[stage] ??= [];
        byStage[stage].push(ms);
      }
      await end;
      giantMs.push(performance.now() - startedMs);
      say(
        `pair ${pair} of ${pairs}: alone ${median(alone).toFixed(0)} ms, beside ${median(beside).toFixed(0)} ms, the giant took ${giantMs.at(-1)!.toFixed(0)} ms`,
      );
    }
    await sender.close();
    const memories = await peakMemories(hub);
    return {
      name: "fairness",
      ratio: median(beside) / median(alone),
      ours: { medianMs: median(beside), peakMemoryMb: Math.max(...Object.values(memories)) },
      peer: { name: "without the giant", medianMs: median(alone) },
      pairs,
      details: {
        giantRecords: records,
        giantSizeBytes: written.sizeBytes,
        giantMedianMs: median(giantMs),
        filesAlone: alone.length,
        filesBeside: beside.length,
        worstAloneMs: Math.round(Math.max(...alone)),
        worstBesideMs: Math.round(Math.max(...beside)),
        besideMedianMsByStage: Object.fromEntries(
          Object.entries(byStage).map(([stage, times]) => [
            stage,
            { files: times.length, medianMs: Math.round(median(times)) },
          ]),
        ),
        peakMemoriesMb: memories,
      },
    };
  } finally {
    await hub.stop();
  }
}

const profileOf = (client: string) =>
  buildProfile({
    client,
    project: client,
    folders: { uploads: `/${client}/Uploads`, downloads: `/${client}/Downloads` },
    notify: {},
    tables: [{ name: "rows", files: ["*"], columns: SAMPLE_COLUMNS }],
  });

/** The stage that a file is in. */
async function stageOf(
  { database }: BenchHub,
  { projectId }: BenchProject,
  fileName: string,
): Promise<string | undefined> {
  const { rows } = await database.pool.query<{ kind: string }>(
    `SELECT s.kind FROM steps s JOIN batches b ON b.id = s.batch_id
     WHERE b.project_id = $1 AND b.file_name = $2 AND s.state = 'running'`,
    [projectId, fileName],
  );
  return rows[0]?.kind;
}
