import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { requireDebianTool } from "@inlet/stack";

const run = promisify(execFile);

/** Debian's psql, to measure against: `\copy` of a CSV file into a table. Resolves to the milliseconds it took. */
export async function psqlCopy(
  databaseUrl: string,
  relation: string,
  columns: readonly string[],
  file: string,
): Promise<number> {
  const psql = await requireDebianTool("psql");
  const startedMs = performance.now();
  await run(
    psql.command,
    [
      databaseUrl,
      "-X",
      "-q",
      "-v",
      "ON_ERROR_STOP=1",
      "-c",
      `\\copy ${relation} (${columns.join(", ")}) from '${file}' csv header`,
    ],
    { env: { ...process.env, ...psql.env } },
  );
  return performance.now() - startedMs;
}
