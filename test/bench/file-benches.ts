import { link, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ServiceName } from "@inlet/stack";
import { buildProfile } from "../fixtures/profile.ts";
import { endedBatch, openBenchHub, openBenchProject, peakMemories, recordArrivals } from "./hub.ts";
import { type BenchResult, inTurn, median } from "./measure.ts";
import { psqlCopy } from "./psql.ts";
import { SAMPLE_COLUMNS, writeSampleFile } from "./sample-file.ts";

const MINUTE_MS = 60_000;

interface FileBench {
  name: string;
  services: readonly ServiceName[];
  links: boolean;
  records: number;
  pairs: number;
  /** From when to when ours is measured. */
  measured: "check and import" | "claim to Downloads";
}

/**
 * One large file through Inlet, against `psql \copy` of the same file into the very same table, in turn. Both sides start
 * with the table empty; the operating system has the file cached for both.
 */
async function measureFile(bench: FileBench, say: (line: string) => void): Promise<BenchResult> {
  const hub = await openBenchHub(bench.services);
  try {
    const profile = buildProfile({
      client: "bench",
      project: "big",
      folders: { uploads: "/big/Uploads", downloads: "/big/Downloads" },
      links: bench.links ? {} : undefined,
      notify: {},
      tables: [{ name: "rows", files: ["*"], columns: SAMPLE_COLUMNS }],
    });
    const project = await openBenchProject(hub, profile);
    const file = join(hub.stack.dataFolder, "sample.csv");
    say(`writing ${bench.records.toLocaleString("en")} records`);
    const written = await writeSampleFile(file, bench.records);
    const relation = "client_bench.big__rows";
    const empty = () => hub.database.pool.query(`TRUNCATE ${relation}; CHECKPOINT`);

    let turn = 0;
    /** How long each stage of the newest turn took. */
    const stagesMs: Record<string, number> = {};
    const ours = async () => {
      turn += 1;
      if (turn > 1) await empty();
      const fileName = `turn_${turn}.csv`;
      await link(file, project.folder(`/big/Uploads/${fileName}`));
      const ids = await recordArrivals(hub, project, [{ fileName, ...written }]);
      const startedMs = performance.now();
      await hub.publisher.arrivals(ids);
      const batch = await endedBatch(hub, project, fileName, 20 * MINUTE_MS);
      const wholeMs = performance.now() - startedMs;
      if (batch.imported !== bench.records) throw new Error(`imported ${batch.imported}`);
      const steps = await hub.database.query
        .selectFrom("steps")
        .select(["kind", "started_at", "finished_at"])
        .where("batch_id", "=", batch.id)
        .execute();
      for (const { kind, started_at, finished_at } of steps) {
        stagesMs[kind] = finished_at!.getTime() - started_at!.getTime();
      }
      if (bench.measured === "claim to Downloads") {
        await rm(project.folder(`/big/Downloads/PURL_${fileName}`));
        return wholeMs;
      }
      const at = (kind: string) => steps.find((step) => step.kind === kind)!;
      return at("import").finished_at!.getTime() - at("validate").started_at!.getTime();
    };
    const peer = async () => {
      await empty();
      return await psqlCopy(
        hub.stack.databaseUrl,
        relation,
        SAMPLE_COLUMNS.map(({ name }) => name),
        file,
      );
    };
    // The first turn makes the table and warms both sides.
    say("warming up");
    await ours();
    await peer();
    const times = await inTurn(bench.pairs, { ours, peer }, say);
    const memories = await peakMemories(hub);
    return {
      name: bench.name,
      ratio: median(times.ours) / median(times.peer),
      ours: { medianMs: median(times.ours), peakMemoryMb: Math.max(...Object.values(memories)) },
      peer: { name: "psql \\copy", medianMs: median(times.peer) },
      pairs: bench.pairs,
      details: {
        records: bench.records,
        sizeBytes: written.sizeBytes,
        measured: bench.measured,
        stagesMs,
        peakMemoriesMb: memories,
        times,
      },
    };
  } finally {
    await hub.stop();
  }
}

/** 1,000,000 records: check and all-or-nothing import. */
export const measureImport = (pairs: number, say: (line: string) => void) =>
  measureFile(
    {
      name: "import",
      services: ["watcher", "validator", "importer"],
      links: false,
      records: 1_000_000,
      pairs,
      measured: "check and import",
    },
    say,
  );

/** The same file, from the claim to the result file with links in Downloads. */
export const measurePipeline = (pairs: number, say: (line: string) => void) =>
  measureFile(
    {
      name: "pipeline",
      services: ["watcher", "validator", "purl-generator", "importer", "courier"],
      links: true,
      records: 1_000_000,
      pairs,
      measured: "claim to Downloads",
    },
    say,
  );

/** 10,000,000 records once through every service, for their peak memory. */
export const measureMemory = (say: (line: string) => void) =>
  measureFile(
    {
      name: "memory",
      services: ["watcher", "validator", "purl-generator", "importer", "courier"],
      links: true,
      records: 10_000_000,
      pairs: 1,
      measured: "claim to Downloads",
    },
    say,
  );
