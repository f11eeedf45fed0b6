import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRows } from "./read-rows.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inlet-rows-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function rowsOf(name: string, text: string) {
  await writeFile(join(folder, name), text);
  return (await readRows(join(folder, name))).map(({ values }) => values);
}

test("a client's file is read as the hub would read it: names, dates and numbers in one form", async () => {
  const text = 'First name;Due on;Amount\nMira;01.12.2026;1234,50\n"Noa; the first";24.12.2026;7,25\n';
  expect(await rowsOf("customers.csv", text)).toEqual([
    { first_name: "Mira", due_on: "2026-12-01", amount: "1234.50" },
    { first_name: "Noa; the first", due_on: "2026-12-24", amount: "7.25" },
  ]);
});

test("rows of JSON are objects, or one", async () => {
  expect(await rowsOf("rows.json", '[{"first_name":"Mira","age":30,"member":true,"note":null}]')).toEqual([
    { first_name: "Mira", age: "30", member: "t", note: null },
  ]);
  expect(await rowsOf("row.json", '{"first_name":"Noa"}')).toEqual([{ first_name: "Noa" }]);
});

test.each([
  ["list.json", "[1]", "holds no rows"],
  ["broken.json", "[", "is no JSON"],
  ["empty.json", "[]", "There is no row in"],
])("%s says what is wrong", async (name, text, message) => {
  await expect(rowsOf(name, text)).rejects.toThrow(message);
});
