import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { givenBatch, givenProject, openTestHub, type TestHub } from "../testing/hub.ts";
import { withCodeTable } from "./code-list.ts";

const GUIDE = new URL("../../../../docs/api.md", import.meta.url);

let hub: TestHub;
let guide: string;
let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  hub = await openTestHub();
  guide = await readFile(GUIDE, "utf8");
  folder = await mkdtemp(join(tmpdir(), "inlet-guide-"));
  const { batchId } = await givenBatch(hub.database, await givenProject(hub.database, "spring", "video"), "a.csv");
  await hub.app.listen({ host: "127.0.0.1", port: 0 });
  env = {
    PATH: process.env.PATH,
    INLET_URL: `http://127.0.0.1:${(hub.app.server.address() as AddressInfo).port}`,
    INLET_API_KEY: (await hub.as("admin")).authorization.replace("Bearer ", ""),
    BATCH: String(batchId),
  };
});
afterAll(async () => {
  await hub?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

test("every example of the guide does what it says, on a real hub", async () => {
  const examples = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, script]) => script!);
  expect(examples.length).toBeGreaterThanOrEqual(9);
  for (const script of examples) {
    const done = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], { cwd: folder, env }).then(
      () => "done",
      (error: Error & { stdout: string; stderr: string }) => `${script}${error.stdout}${error.stderr}`,
    );
    expect(done).toBe("done");
  }
});

test("the guide's list of codes is the catalogue; write-code-list.ts brings it up to date", () => {
  expect(guide).toBe(withCodeTable(guide));
});
