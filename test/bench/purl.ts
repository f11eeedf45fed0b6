import { link, rm } from "node:fs/promises";
import { join } from "node:path";
import { linkShapes } from "@inlet/purl";
import { buildProfile } from "../fixtures/profile.ts";
import { endedBatch, openBenchHub, openBenchProject, peakMemories, recordArrivals } from "./hub.ts";
import { type BenchOptions, type BenchResult, inTurn, median } from "./measure.ts";
import { SAMPLE_COLUMNS, writeSampleFile } from "./sample-file.ts";

const RECORDS = 1_000_000;

/**
 * The result file of 1,000,000 records: the stage `personalise` as its service runs it, from its claim to its commit, with the
 * stored file synced and hashed, against DuckDB on two threads that writes the same file with two columns more. DuckDB reads
 * all as text and puts an MD5 into each link, which is less than a token costs.
 */
export async function measurePurl({ pairs, say, records = RECORDS }: BenchOptions): Promise<BenchResult> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const hub = await openBenchHub(["watcher", "validator", "purl-generator", "importer", "courier"]);
  try {
    const profile = buildProfile({
      client: "bench",
      project: "purl",
      folders: { uploads: "/purl/Uploads", downloads: "/purl/Downloads" },
      notify: {},
      tables: [{ name: "rows", files: ["*"], columns: SAMPLE_COLUMNS }],
    });
    const project = await openBenchProject(hub, profile);
    const file = join(hub.stack.dataFolder, "sample.csv");
    say(`writing ${records.toLocaleString("en")} records`);
    const written = await writeSampleFile(file, records);

    let turn = 0;
    const ours = async () => {
      turn += 1;
      const fileName = `turn_${turn}.csv`;
      await link(file, project.folder(`/purl/Uploads/${fileName}`));
      await hub.publisher.arrivals(await recordArrivals(hub, project, [{ fileName, ...written }]));
      const batch = await endedBatch(hub, project, fileName, 20 * 60_000);
      if (batch.links !== records) throw new Error(`made ${batch.links} links`);
      const step = await hub.database.query
        .selectFrom("steps")
        .select(["started_at", "finished_at"])
        .where("batch_id", "=", batch.id)
        .where("kind", "=", "personalise")
        .executeTakeFirstOrThrow();
      await rm(project.folder(`/purl/Downloads/PURL_${fileName}`));
      await hub.database.pool.query("TRUNCATE client_bench.purl__rows; CHECKPOINT");
      return step.finished_at!.getTime() - step.started_at!.getTime();
    };

    const connection = await (await DuckDBInstance.create(":memory:", { threads: "2" })).connect();
    const { thumbnail, page } = linkShapes(hub.stack.landingUrl);
    const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
    // A token has 35 characters, an MD5 32.
    const linkOf = ({ before, after }: { before: string; after: string }) =>
      `concat(${quoted(before)}, token, ${quoted(`abc${after}`)})`;
    const copy = join(hub.stack.dataFolder, "duckdb.csv");
    const peer = async () => {
      const startedMs = performance.now();
      await connection.run(
        `COPY (SELECT * EXCLUDE (token), ${linkOf(thumbnail)} AS thumbnail_1, ${linkOf(page)} AS "landingPage"
           FROM (SELECT *, md5(customer_id) AS token
             FROM read_csv(${quoted(file)}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
               columns = {${SAMPLE_COLUMNS.map(({ name }) => `'${name}': 'VARCHAR'`).join(", ")}})))
         TO ${quoted(copy)} (HEADER, DELIMITER ',')`,
      );
      const ms = performance.now() - startedMs;
      await rm(copy);
      return ms;
    };
    say("warming up");
    await ours();
    await peer();
    const times = await inTurn(pairs, { ours, peer }, say);
    connection.closeSync();
    const memories = await peakMemories(hub);
    return {
      name: "purl",
      ratio: median(times.ours) / median(times.peer),
      ours: { medianMs: median(times.ours), peakMemoryMb: memories["purl-generator"]! },
      peer: { name: "DuckDB COPY TO", medianMs: median(times.peer) },
      pairs,
      details: { records, sizeBytes: written.sizeBytes, times },
    };
  } finally {
    await hub.stop();
  }
}
