import { expect, test } from "vitest";
import { check } from "../check/check.ts";
import { isUnreadable, sniff } from "../detect/sniff.ts";
import { memorySource } from "../scan/source.ts";
import { inferTable } from "./infer-table.ts";

async function infer(text: string) {
  const bytes = Buffer.from(text);
  const source = memorySource(bytes);
  const sniffed = await sniff(source);
  if (isUnreadable(sniffed)) throw new Error(sniffed.problem.message);
  return {
    source,
    ...(await inferTable({ source, scan: sniffed.scan, sizeBytes: bytes.length }, { withValues: true })),
  };
}

/** The reading of one column of cells, beside an ordinary one. */
async function readingOf(cells: readonly string[]) {
  const { fields } = await infer(`number|cell\n${cells.map((cell, n) => `${n}|${cell}\n`).join("")}`);
  return fields[1]!;
}

const repeat = (cells: readonly string[], times = 10) => Array.from({ length: times }, () => cells).flat();

test.each<[string, string[], object]>([
  ["whole numbers", repeat(["1", "-20", "300"]), { type: "integer" }],
  ["whole numbers and fractions", repeat(["1", "2.5"]), { type: "decimal" }],
  ["fractions after a comma", repeat(["1,50", "-2,25", "3"]), { type: "decimal", decimalSeparator: "," }],
  ["what may be thousands", repeat(["1,234", "12,500"]), { type: "string" }],
  ["thousands that cannot be", repeat(["1,234", "0,500"]), { type: "decimal", decimalSeparator: "," }],
  ["postal codes", repeat(["01234", "80331", "00017"]), { type: "string" }],
  ["zeros themselves", repeat(["0", "10", "0"]), { type: "integer" }],
  ["telephone numbers", repeat(["+4989123456", "+4930654321"]), { type: "string" }],
  ["numbers longer than a bigint", repeat(["12345678901234567890", "98765432109876543210"]), { type: "string" }],
  ["yes and no", repeat(["yes", "no", "YES"]), { type: "boolean" }],
  ["ja und nein", repeat(["Ja", "nein"]), { type: "boolean", trueValues: ["ja"], falseValues: ["nein"] }],
  ["1 and 0", repeat(["1", "0"]), { type: "integer" }],
  ["ISO days", repeat(["2026-01-31", "2026-12-01"]), { type: "date" }],
  ["German days", repeat(["31.01.2026", "01.12.2026"]), { type: "date", format: "dd.MM.yyyy" }],
  ["days of one digit", repeat(["1.1.2026", "31.12.2026"]), { type: "date", format: "d.M.yyyy" }],
  ["American days", repeat(["01/31/2026", "12/01/2026"]), { type: "date", format: "MM/dd/yyyy" }],
  ["compact days", repeat(["20260131", "20261201"]), { type: "date", format: "yyyyMMdd" }],
  ["eight digits that are no days", repeat(["20260131", "20269901", "10000000"]), { type: "integer" }],
  ["named months", repeat(["31 Jan 2026", "01 Dec 2026"]), { type: "date", format: "dd MMM yyyy" }],
  ["ISO times", repeat(["2026-01-31T09:00:00Z", "2026-12-01 10:30"]), { type: "timestamp" }],
  ["German times", repeat(["31.01.2026 09:00", "01.12.2026 23:59"]), { type: "timestamp", format: "dd.MM.yyyy HH:mm" }],
  [
    "American times",
    repeat(["1/31/2026 9:00 AM", "12/1/2026 11:59 PM"]),
    { type: "timestamp", format: "M/d/yyyy h:mm a" },
  ],
  ["words", repeat(["red", "green"]), { type: "string" }],
  ["days and words in equal parts", repeat(["2026-01-31", "soon"]), { type: "string" }],
  ["numbers between spaces", repeat([" 1 ", " 22 "]), { type: "integer" }],
])("%s", async (_, cells, expected) => {
  const { reading } = await readingOf(cells);
  expect(reading).toEqual(expected);
});

test("a few cells that contradict a strong majority do not change the type, and the check names them", async () => {
  const cells = Array.from({ length: 400 }, (_, n) => (n % 50 === 49 ? "n/a" : String(n)));
  const { source, table, fields } = await infer(`id|n\n${cells.map((cell, n) => `${n}|${cell}\n`).join("")}`);
  expect(fields[1]).toMatchObject({ reading: { type: "integer" }, share: 0.98 });
  const lines: (number | null)[] = [];
  await check(source, { table, onIssue: ({ line }) => void lines.push(line) });
  expect(lines).toEqual([51, 101, 151, 201, 251, 301, 351, 401]);
});

test("one exception in ten is an exception, two are another type", async () => {
  const of = (...others: string[]) => [
    ...Array.from({ length: 10 - others.length }, (_, n) => String(n + 10)),
    ...others,
  ];
  expect((await readingOf(of("x"))).reading.type).toBe("integer");
  expect((await readingOf(of("x", "y"))).reading.type).toBe("string");
});

test("a day that can be read in two ways is named with both", async () => {
  const { reading, rival } = await readingOf(repeat(["01/02/2026", "03/04/2026"]));
  expect([reading.format, rival?.format]).toEqual(["dd/MM/yyyy", "MM/dd/yyyy"]);
});

test("a long file is looked at further on, too: one that is sorted does not look like another", async () => {
  const lines = Array.from(
    { length: 400_000 },
    (_, n) => `${n},${n < 200_000 ? n : `N${n}`},${n < 300_000 ? n : `${n}.5`}`,
  );
  const { fields, sample, source, table } = await infer(`id,code,amount\n${lines.join("\n")}\n`);
  expect(sample.isWhole).toBe(false);
  expect(sample.records).toBeLessThan(120_000);
  expect(fields[0]!.isUnique).toBe(true);
  expect(fields.map(({ reading }) => reading.type)).toEqual(["integer", "string", "decimal"]);
  expect((await check(source, { table })).issues.errors).toBe(0);
});

test("labels become names that PostgreSQL takes, each once", async () => {
  const { table } = await infer("Straße & Nr.;firstName;2nd;First name;ID;ctid;日本\na;b;c;d;e;f;g\nh;i;j;k;l;m;n\n");
  expect(table.columns.map(({ name }) => name)).toEqual([
    "strasse_and_nr",
    "first_name",
    "n_2nd",
    "first_name_2",
    "id",
    "ctid_column",
    "column_7",
  ]);
  expect(table.columns.map(({ header }) => header)).toEqual([
    "Straße & Nr.",
    "firstName",
    "2nd",
    "First name",
    "ID",
    "ctid",
    "日本",
  ]);
});

test("what few values and unique ones there are is told where it is asked for", async () => {
  const { fields } = await infer(
    `id,plan\n${Array.from({ length: 50 }, (_, n) => `${n},${n % 2 ? "Plus" : "Basic"}\n`).join("")}`,
  );
  expect(fields[0]).toMatchObject({ isUnique: true, values: undefined });
  expect(fields[1]).toMatchObject({ isUnique: false, values: ["Basic", "Plus"] });
});
