import { expect, test } from "vitest";
import { ROOT } from "../../bootstrap/pinned.js";
import { breaches, escapes, type Manifest, readManifests } from "./import-rule.ts";

const service: Manifest = { name: "watcher", kind: "service", dependencies: [] };

test.each([
  [
    "a package that imports what stands after it",
    { name: "delimited", kind: "package", dependencies: ["@inlet/database"] },
  ],
  ["a package that imports a service", { name: "pipeline", kind: "package", dependencies: ["@inlet/watcher"] }],
  ["a service that imports a service", { name: "courier", kind: "service", dependencies: ["@inlet/watcher"] }],
  ["the command line on the database", { name: "cli", kind: "package", dependencies: ["@inlet/database"] }],
  ["the command line on the stored files", { name: "cli", kind: "package", dependencies: ["@inlet/blobs"] }],
  ["OpenPGP.js outside its home", { name: "notifier", kind: "service", dependencies: ["openpgp"] }],
  ["what it unpacks bzip2 with", { name: "delimited", kind: "package", dependencies: ["@openpgp/unbzip2-stream"] }],
  ["bullmq outside its home", { name: "api", kind: "service", dependencies: ["bullmq"] }],
] as const)("%s is a breach", (_, manifest) => {
  expect(breaches([service, manifest])).toHaveLength(1);
});

test("the house as it stands keeps the rule", async () => {
  expect([...breaches(await readManifests(ROOT)), ...(await escapes(ROOT))]).toEqual([]);
});
