import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Issue, tableSchema } from "@inlet/contracts";
import { check, memorySource } from "@inlet/delimited";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadHooks } from "./load-hooks.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inlet rules "));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function moduleOf(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

it("loads the example of the documentation, and its rules find what they are for", async () => {
  const docs = await readFile(new URL("../../../docs/rules.md", import.meta.url), "utf8");
  const [, example = ""] = /```ts\n([\s\S]*?)```/.exec(docs) ?? [];
  const hooks = await loadHooks(await moduleOf("example.ts", example));
  expect(Object.keys(hooks)).toEqual(["plausible_tax", "shop_number"]);

  const table = tableSchema.parse({
    name: "sales",
    columns: [{ name: "shop" }, { name: "net", type: "decimal" }, { name: "tax", type: "decimal" }],
    rules: [
      { rule: "hook", name: "plausible_tax" },
      { rule: "hook", name: "shop_number", severity: "warning" },
    ],
  });
  const issues: Issue[] = [];
  const source = memorySource(Buffer.from("shop,net,tax\n123,100,19\n55,10.00,0.7\n124,1,1\n"));
  await check(source, { table, hooks, onIssue: (issue) => void issues.push(issue) });
  expect(issues.map(({ code, line, column, severity }) => [code, line, column, severity])).toEqual([
    ["hook_plausible_tax", 4, "tax", "error"],
    ["hook_shop_number", 4, "shop", "warning"],
  ]);
});

it("has none without a module, and takes a default export", async () => {
  expect(await loadHooks(undefined)).toEqual({});
  const hooks = await loadHooks(await moduleOf("default.mjs", "export default { own: () => undefined };"));
  expect(Object.keys(hooks)).toEqual(["own"]);
});

it.each([
  ["nothing.mjs", "export const other = 1;", /must export `rules`/],
  ["number.mjs", "export const rules = { own: 1 };", /own is no function/],
  ["broken.mjs", "export const rules = {", /cannot be loaded/],
])("refuses %s", async (name, text, message) => {
  await expect(loadHooks(await moduleOf(name, text))).rejects.toMatchObject({
    name: "Misconfigured",
    message: expect.stringMatching(message),
  });
});
