import { readFile, realpath } from "node:fs/promises";
import { findPackageJSON, stripTypeScriptTypes } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const HERE = dirname(fileURLToPath(import.meta.url));

/** What a module imports when it runs: types are stripped as Node strips them. */
async function importsOf(file: string): Promise<string[]> {
  const script = stripTypeScriptTypes(await readFile(file, "utf8"));
  const found = script.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']/g);
  return Array.from(found, ([, specifier]) => specifier!);
}

async function locate(specifier: string, from: string): Promise<string> {
  if (specifier.startsWith(".")) return resolve(dirname(from), specifier);
  const [, name, subpath = ""] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(specifier)!;
  const manifest = await realpath(findPackageJSON(name!, from)!);
  const { exports } = JSON.parse(await readFile(manifest, "utf8"));
  return join(dirname(manifest), typeof exports === "string" ? exports : exports[`.${subpath}`]);
}

/** Every module that comes with one, and every specifier that leads out of the workspace. */
async function graphOf(entry: string): Promise<{ files: Set<string>; outside: Set<string> }> {
  const files = new Set([entry]);
  const outside = new Set<string>();
  for (const file of files) {
    for (const specifier of await importsOf(file)) {
      if (/^(\.|@inlet\/)/.test(specifier)) files.add(await locate(specifier, file));
      else outside.add(specifier);
    }
  }
  return { files, outside };
}

test("the browser's entry carries no zod, no schema and nothing of Node", async () => {
  const { files, outside } = await graphOf(join(HERE, "browser.ts"));
  expect([...outside]).toEqual([]);
  const elsewhere = [...files].filter((file) => !file.startsWith(HERE));
  expect(elsewhere.map((file) => file.replace(/.*\/packages\//, ""))).toEqual(["contracts/src/errors.ts"]);
  expect([...files].some((file) => file.endsWith("calls/batches.ts"))).toBe(true);
});

test("the walk sees what the checked entry carries", async () => {
  const { outside } = await graphOf(join(HERE, "index.ts"));
  expect([...outside]).toContain("zod");
});
