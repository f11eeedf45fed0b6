import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inletOf } from "./testing/inlet.ts";

const PROFILE = `
client: acme
project: spring
folders: { uploads: /Uploads }
tables:
  - name: sales
    columns: [{ name: id, type: integer }]
    rules: [{ rule: hook, name: even }]
`;

let folder: string;
let inlet: ReturnType<typeof inletOf>;
const given = async (name: string, content: string) => {
  await writeFile(join(folder, name), content);
  return join(folder, name);
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inlet-check-rules-"));
  inlet = inletOf(join(folder, "no-hub"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("the platform's own rules judge a file where they are at hand, and are said to be open elsewhere", async () => {
  const args = ["check", await given("sales.csv", "id\n2\n3\n"), "--json", "--profile", await given("p.yaml", PROFILE)];
  const without = await inlet.run(args);
  expect(without.exitCode).toBe(0);
  expect(JSON.parse(without.stdout).counts.byCode).toEqual({ rule_not_checked: 1 });

  const source = "export const rules = { even: ({ id }: { id: string }) => Number(id) % 2 ? { column: 'id' } : null };";
  const checked = await inlet.run([...args, "--rules", await given("rules.ts", source)]);
  expect(checked.exitCode).toBe(1);
  expect(JSON.parse(checked.stdout).issues).toMatchObject([{ code: "hook_even", line: 3, label: "id", value: "3" }]);
});

test("a module of rules that cannot be used is bad usage", async () => {
  const file = await given("sales.csv", "id\n2\n");
  const empty = await inlet.run(["check", file, "--rules", await given("empty.mjs", "export {};")]);
  expect(empty).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("must export `rules`") });
  const missing = await inlet.run(["check", file, "--rules", join(folder, "missing.ts")]);
  expect(missing).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("cannot be loaded") });
});
