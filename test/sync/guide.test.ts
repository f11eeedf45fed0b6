import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { columnSchema, profileSchema, type Subscription, subscriptionSchema } from "@inlet/contracts";
import { loadSubscribers, openSubscriber } from "@inlet/sync";
import { expect, test } from "vitest";
import { parse } from "yaml";

const guide = await readFile(new URL("../../docs/sync.md", import.meta.url), "utf8");
const blocks = (language: string) =>
  [...guide.matchAll(/^( *)```(\w+)\n(.*?)^ *```$/gms)]
    .filter(([, , found]) => found === language)
    .map(([, indent, , text]) => text!.replaceAll(new RegExp(`^${indent}`, "gm"), ""));

/** Its columns are those that its fields name. */
async function opened(subscription: Subscription): Promise<string> {
  const names = Object.keys(subscription.fields ?? { sku: "" });
  const { use } = await openSubscriber(await loadSubscribers(), subscription, {
    columns: names.map((name) => columnSchema.parse({ name })),
    http: { request: () => Promise.reject(new Error("nothing is asked")), close: async () => {} },
    network: { addressesOf: () => Promise.reject(new Error("nothing is connected to")) },
    secret: async () => "a secret",
    everything: () => Promise.reject(new Error("nothing is sent")),
  });
  return use;
}

test("what the guide writes into profiles is taken, all of it", async () => {
  const [profile, ...lists] = blocks("yaml").map((text) => parse(text));
  const { catalogs } = profileSchema.parse(profile);
  const named = lists.flatMap((list) => list.map((each: unknown) => subscriptionSchema.parse(each)));
  const used = await Promise.all([...catalogs.flatMap(({ subscribers }) => subscribers), ...named].map(opened));
  expect([...new Set(used)].sort()).toEqual(["postgres", "rest", "sftp_file", "stripe", "webhook"]);
});

test("the subscribers that the guide shows can be used as they stand, and are short", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "inlet guide "));
  try {
    const modules = blocks("ts");
    for (const [at, text] of modules.entries()) {
      expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(30);
      await writeFile(path.join(folder, `module_${at}.ts`), text);
    }
    const sync = JSON.stringify(new URL("../../packages/sync/src/index.ts", import.meta.url).href);
    const program = `const { loadSubscribers } = await import(${sync}); console.log([...(await loadSubscribers(process.argv[1])).keys()].join());`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program, folder]);
    expect(stdout.trim().split(",")).toEqual(expect.arrayContaining(["store_finder", "finder_class"]));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
