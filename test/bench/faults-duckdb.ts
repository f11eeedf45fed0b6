// DuckDB's answers to planted faults, in a process of its own: some damaged files end it.
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { FAULT_TABLE, type PlantedFault } from "../delimited/planted-faults.ts";

/** What it is asked. */
export interface FaultQuestion {
  path: string;
  dialect: PlantedFault["dialect"];
}

/** The first error that it names; undefined where it names none. */
export type FaultAnswer = { line: number; column: string | null } | undefined;

const TYPES = {
  integer: "BIGINT",
  string: "VARCHAR",
  decimal: "DECIMAL(10,2)",
  date: "DATE",
  enum: "country",
  boolean: "BOOLEAN",
};

/** The first error that DuckDB names. It has no rule for a value that comes twice or must not be missing. */
async function findWithDuckdb(
  connection: DuckDBConnection,
  path: string,
  dialect: FaultQuestion["dialect"],
): Promise<FaultAnswer> {
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

const connection = await (await DuckDBInstance.create(":memory:", { threads: "2" })).connect();
await connection.run("CREATE TYPE country AS ENUM ('DE', 'FR', 'GB', 'IT')");
process.on("message", async ({ path, dialect }: FaultQuestion) => {
  const answer = await findWithDuckdb(connection, path, dialect);
  process.send!({ answer });
});
process.on("disconnect", () => process.exit());
