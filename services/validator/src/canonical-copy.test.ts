import { randomBytes, randomInt } from "node:crypto";
import { type Table, tableSchema } from "@inlet/contracts";
import { copyFrom, type Database, openDatabase, transaction } from "@inlet/database";
import { check, memorySource, parseCells } from "@inlet/delimited";
import { openTestStack } from "@inlet/stack";
import { afterAll, beforeAll, expect, test } from "vitest";

/** PostgreSQL never refuses a line that the check let through, and reads in it what the client meant. */

let stack: Awaited<ReturnType<typeof openTestStack>>;
let database: Database;

beforeAll(async () => {
  stack = await openTestStack({ services: [] });
  database = openDatabase(stack.databaseUrl, { applicationName: "test" });
});
afterAll(async () => {
  await database?.close();
  await stack?.stop();
});

const table: Table = tableSchema.parse({
  name: "anything",
  columns: [
    { name: "t", header: "string" },
    { name: "i", type: "integer" },
    { name: "n", type: "decimal" },
    { name: "p", type: "decimal", precision: 6, scale: 3 },
    { name: "w", type: "decimal", precision: 4 },
    { name: "b", type: "boolean" },
    { name: "d", type: "date" },
    { name: "z", type: "timestamp", timezone: "Europe/Berlin" },
    { name: "e", type: "email" },
    { name: "u", type: "url" },
  ],
  invalid: { policy: "skip" },
});
const TYPES =
  "t text, i bigint, n numeric, p numeric(6,3), w numeric(4,0), b boolean, d date, z timestamptz, e text, u text";

const pick = <T>(list: readonly T[]): T => list[randomInt(list.length)]!;
const digits = (count: number) => Array.from({ length: count }, () => randomInt(10)).join("");
const number = () =>
  pick(["", "-", "+", "--", " "]) +
  pick(["", "0", "00", digits(randomInt(1, 25))]) +
  pick(["", ".", ",", "e5", `.${digits(randomInt(1, 8))}`]);
const two = () => pick([digits(2), digits(2), "00", "01", "12", "23", "24", "29", "30", "31", "59", "60"]);
const day = () => `${pick(["0000", "0001", "1900", "2024", "2026", "9999", digits(4)])}-${two()}-${two()}`;
const time = () =>
  `${day()}${pick(["T", " "])}${two()}:${two()}${pick(["", `:${two()}`, `:${two()}.${digits(randomInt(1, 9))}`])}${pick(["", "Z", "+02:00", "-1130", "+05", "+15:59", "+16:00"])}`;
const pieces = [
  "\\",
  "\\.",
  "\\N",
  "\t",
  "\n",
  "\r",
  '"',
  "é",
  "€",
  "😀",
  "\u0001",
  "\u007f",
  "\ufeff",
  "\ufffe",
  "a",
  "'",
  "\0",
  ",",
];
const text = () => Array.from({ length: randomInt(6) }, () => pick(pieces)).join("");

function randomRecord(): string[] {
  const seldom = (cell: () => string, usual: string) => (randomInt(4) === 0 ? cell() : usual);
  return [
    text(),
    seldom(number, "1"),
    seldom(number, "1.5"),
    seldom(number, "2.25"),
    seldom(number, "3"),
    seldom(() => pick(["t", "FALSE", "1", "maybe", ""]), "yes"),
    seldom(day, "2026-11-20"),
    seldom(time, "2026-11-20T09:00:00Z"),
    seldom(() => pick(["a@b.de", `${text()}@b.de`, `a@${text()}.de`]), ""),
    seldom(() => pick(["http://a.de/", `http://${text()}/`, `https://a.de/${text()}`]), ""),
  ];
}

/** Loads canonical lines into a table of these columns that ends with the transaction; resolves to the rows as text. */
async function load(canonical: Buffer, columns: string): Promise<(string | null)[][]> {
  return await transaction(database, async (tx) => {
    await tx.client.query("SET LOCAL timezone = 'UTC'");
    await tx.client.query(
      `CREATE TEMPORARY TABLE anything (_batch bigint DEFAULT 1, _record bigint, ${columns}) ON COMMIT DROP`,
    );
    const names = columns.split(", ").map((column) => column.split(" ")[0]);
    const copy = copyFrom(tx, `COPY anything (_record, ${names}) FROM STDIN`);
    await new Promise<void>((resolve, reject) => copy.on("error", reject).on("finish", resolve).end(canonical));
    const { rows } = await tx.client.query<(string | null)[]>({
      text: `SELECT ${names.map((name) => `${name}::text`)} FROM anything ORDER BY _record`,
      rowMode: "array",
    });
    expect(rows).toHaveLength(copy.rowCount);
    return rows;
  });
}

const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

test("every line of 20,000 random records that passes is taken, and read back as it stands", async () => {
  const header = table.columns.map((column) => column.header ?? column.name).join(",");
  const records = Array.from({ length: 20_000 }, () => randomRecord().map(quote).join(","));
  const chunks: Buffer[] = [];
  const report = await check(memorySource(Buffer.from(`${header}\n${records.join("\n")}\n`)), {
    table,
    sinks: { canonical: (chunk) => void chunks.push(Buffer.from(chunk)) },
  });
  expect(report.counts.valid).toBeGreaterThan(1000);
  expect(report.counts.rejected).toBeGreaterThan(1000);
  const canonical = Buffer.concat(chunks);

  const rows = await load(canonical, TYPES);
  const lines = canonical.toString().split("\n").slice(0, -1);
  lines.forEach((line, i) => {
    const bytes = Buffer.from(line);
    const cells = parseCells(bytes, bytes.indexOf("\t") + 1, bytes.length);
    const [t, integer, n, p, w, b, d, z, e, u] = cells;
    const pad = p === null ? null : Number(p).toFixed(3);
    const truth = b === null ? null : b === "t" ? "true" : "false";
    expect(rows[i]).toEqual([t, integer, n, pad, w, truth, d, z, e, u]);
  });
});

test("a row of values that cannot be compressed is refused exactly when it is too wide for PostgreSQL", async () => {
  const types = ["string", "integer", "date", "string", "boolean", "string", "timestamp", "string"] as const;
  const values = { integer: "1", date: "2026-11-20", boolean: "t", timestamp: "2026-11-20T09:00Z" };
  const postgres = { string: "text", integer: "bigint", date: "date", boolean: "boolean", timestamp: "timestamptz" };
  const columns = Array.from({ length: 600 }, (_, i) => ({ name: `c${i}`, type: types[i % 8]! }));
  const wide = tableSchema.parse({ name: "wide", columns, invalid: { policy: "skip" } });
  const ddl = columns.map(({ name, type }) => `${name} ${postgres[type]}`).join(", ");
  let taken = 0;
  for (let length = 14; length <= 40; length += 1) {
    const cells = columns.map(({ type }) =>
      type === "string" ? randomBytes(length).toString("hex").slice(0, length) : values[type],
    );
    const text = `${columns.map(({ name }) => name).join(",")}\n${cells.join(",")}\n`;
    const chunks: Buffer[] = [];
    const report = await check(memorySource(Buffer.from(text)), {
      table: wide,
      sinks: { canonical: (chunk) => void chunks.push(Buffer.from(chunk)) },
    });
    // What PostgreSQL says to the same line, had it been let through.
    const line = `1\t${cells.join("\t")}\n`;
    const isTaken = await load(Buffer.from(line), ddl).then(
      () => true,
      (error: Error) => {
        expect(error.message).toMatch(/row is too big/);
        return false;
      },
    );
    expect(report.counts.valid === 1, `${length} characters each`).toBe(isTaken);
    taken += isTaken ? 1 : 0;
  }
  expect(taken).toBeGreaterThan(3);
  expect(taken).toBeLessThan(26);
});
