import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { inletOf } from "./testing/inlet.ts";

const CHECKOUT = resolve(import.meta.dirname, "../../..");
// Within the checkout, where what the files import is found, and where nothing is kept.
await mkdir(join(CHECKOUT, ".inlet"), { recursive: true });
const folder = await mkdtemp(join(CHECKOUT, ".inlet", "new subscriber "));
afterAll(() => rm(folder, { recursive: true, force: true }));

const { run } = inletOf(folder);
const made = await run(["sync", "new", "store_list", "--in", folder]);
// Its own test is one of these.
await import(join(folder, "store_list.test.ts"));

test("inlet sync new writes a subscriber of thirty lines at most, and its test, which holds at once", async () => {
  expect(made).toMatchObject({ exitCode: 0, stderr: "" });
  expect(made.stdout).toContain("next: npm test -- .inlet");
  expect((await readdir(folder)).sort()).toEqual(["store_list.test.ts", "store_list.ts"]);
  const text = await readFile(join(folder, "store_list.ts"), "utf8");
  expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(30);
  expect(text).toContain('name: "store_list"');
  const loader = JSON.stringify(join(CHECKOUT, "packages/sync/src/index.ts"));
  const program = `const { loadSubscribers } = await import(${loader}); console.log([...(await loadSubscribers(process.argv[1])).keys()].join());`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program, folder]);
  expect(stdout).toContain("store_list");
});

test("what is there is not written over, and a name that profiles cannot use is refused", async () => {
  const again = await run(["sync", "new", "store_list", "--in", folder]);
  expect(again).toMatchObject({ exitCode: expect.any(Number), stderr: expect.stringContaining("store_list.ts") });
  expect(again.exitCode).not.toBe(0);
  const odd = await run(["sync", "new", "Store-List", "--in", folder]);
  expect(odd).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("Store-List is no name") });
  expect(await readdir(folder)).toHaveLength(2);
});
