import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { madeOnce } from "./made-once.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inlet made once "));
});
afterAll(() => rm(folder, { recursive: true }));

test("those who come at once get the same text, which stays, readable by its owner alone", async () => {
  const home = join(folder, "keys");
  const file = join(home, "secret");
  let made = 0;
  const make = async () => `secret ${++made}`;
  const texts = await Promise.all(Array.from({ length: 8 }, () => madeOnce(file, make)));
  expect(new Set(texts).size).toBe(1);
  expect(await madeOnce(file, make)).toBe(texts[0]);
  expect(await readdir(home)).toEqual(["secret"]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(home)).mode & 0o777).toBe(0o700);
});
