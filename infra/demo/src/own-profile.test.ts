import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { check, memorySource } from "@inlet/delimited";
import { afterEach, expect, test } from "vitest";
import { columnsFor, profileFor } from "./own-profile.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function write(name: string, content: string | Buffer): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "inlet own "));
  folders.push(folder);
  const file = path.join(folder, name);
  await writeFile(file, content);
  return file;
}

test.each([
  ["a comma and UTF-8", "First name,Größe,1st,select,日本\nAna,5,x,y,z\n"],
  ["a semicolon, a byte-order mark and quotes", '\ufeff"First name";"a ""b""";c\r\n1;2;3\r\n'],
  ["a tab, doubled labels and a last one without a name", "a\tA\tb\t\n1\t2\t3\t4\n"],
  ["Windows-1252", Buffer.from("Stra\xdfe;Ort;Stra\xdfen-Nr\nx;y;z\n", "latin1")],
  [
    "three hundred columns",
    `${Array.from({ length: 300 }, (_, i) => `c${i}`).join(",")}\n${Array(300).fill("1").join(",")}\n`,
  ],
])("a file with %s gets a profile that its rows pass", async (_what, content) => {
  const profile = await profileFor(await write("mine.csv", content));
  const bytes = Buffer.from(content as string);
  const report = await check(memorySource(bytes), {
    table: profile.tables[0]!,
    reservedHeaders: ["thumbnail_1", "landingPage"],
  });
  expect(report).toMatchObject({ verdict: "pass", counts: { records: 1, valid: 1, rejected: 0 } });
});

test("the same header is the same project, another one another", async () => {
  const first = await profileFor(await write("a.csv", "x,y\n1,2\n"));
  const second = await profileFor(await write("b.csv", "x,y\n3,4\n"));
  const third = await profileFor(await write("c.csv", "x,z\n3,4\n"));
  expect(second.project).toBe(first.project);
  expect(third.project).not.toBe(first.project);
});

test("names are unique, and fit PostgreSQL", () => {
  expect(columnsFor(["E-Mail", "e mail 2", "e_mail_2 ", "100 %", "名前", "苗字", "", "landingPage"])).toEqual([
    { name: "e_mail", header: "E-Mail" },
    { name: "c_100", header: "100 %" },
    { name: "column", header: "名前" },
    { name: "column_2", header: "苗字" },
  ]);
});

test.each([
  ["an empty file", ""],
  ["a picture", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 1])],
])("%s is refused in one sentence", async (_what, content) => {
  await expect(profileFor(await write("x.bin", content))).rejects.toThrow(/no line of column names/);
});
