import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import {
  FAULT_KINDS,
  FAULT_TABLE,
  type FaultScore,
  findFault,
  type PlantedFault,
  plantFault,
} from "../delimited/planted-faults.ts";
import { type BenchOptions, type BenchResult, median } from "./measure.ts";

/** Files per kind of fault; `--records` chooses another number. */
const VARIANTS = 150;
const SEED = 20_261_121;

const TYPES = {
  integer: "BIGINT",
  string: "VARCHAR",
  decimal: "DECIMAL(10,2)",
  date: "DATE",
  enum: "country",
  boolean: "BOOLEAN",
};

/**
 * Single faults planted in some thousand small files: how often the exact line is named, and the column. Ours finds out
 * dialect and encoding by itself; DuckDB, which rejects rows into a table with their lines, is told both. `ratio` is our
 * share of files in which the exact line is named.
 */
export async function measureFaults({ say, records: variants = VARIANTS }: BenchOptions): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), "inlet-faults-"));
  const connection = await (await DuckDBInstance.create(":memory:", { threads: "2" })).connect();
  try {
    const scores: Record<string, FaultScore & { peerLine: number; peerColumn: number }> = {};
    const times = { ours: [] as number[], peer: [] as number[] };
    await connection.run("CREATE TYPE country AS ENUM ('DE', 'FR', 'GB', 'IT')");
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
        const peer = await findWithDuckdb(connection, path, fault);
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
        peerColumnExact: sum("peerColumn") / sum("columnFiles"),
        kinds: scores,
      },
    };
  } finally {
    connection.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The first error that DuckDB names. It has no rule for a value that comes twice or must not be missing. */
async function findWithDuckdb(
  connection: DuckDBConnection,
  path: string,
  { dialect }: PlantedFault,
): Promise<{ line: number; column: string | null } | undefined> {
  const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const columns = FAULT_TABLE.columns
    .map(({ name, type }) => `'${name}': '${TYPES[type as keyof typeof TYPES]}'`)
    .join(", ");
  try {
    await connection.run("DROP TABLE IF EXISTS reject_errors");
    await connection.run("DROP TABLE IF EXISTS reject_scans");
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE read AS FROM read_csv(${literal(path)}, auto_detect = false, header = true,
         delim = ${literal(dialect.delimiter)}, quote = ${literal(dialect.quote ?? '"')}, escape = ${literal(dialect.quote ?? '"')},
         encoding = ${dialect.encoding === "utf-8" ? "'utf-8'" : "'latin-1'"}, columns = {${columns}}, nullstr = '',
         store_rejects = true, rejects_limit = 0, strict_mode = true)`,
    );
    const reader = await connection.runAndReadAll(
      "SELECT line, column_name FROM reject_errors ORDER BY line, byte_position LIMIT 1",
    );
    const [row] = reader.getRows();
    return row === undefined ? undefined : { line: Number(row[0]), column: row[1] === null ? null : String(row[1]) };
  } catch {
    // It refuses the file as a whole: no line is named.
    return undefined;
  }
}
