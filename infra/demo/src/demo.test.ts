import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";

const MAIN = path.resolve(import.meta.dirname, "../demo.ts");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "inlet demo test "));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the demo as `npm run demo` does, without a terminal. */
async function runDemo(...args: string[]) {
  const { DATABASE_URL: _1, REDIS_URL: _2, SMTP_URL: _3, INLET_KEY: _4, FORCE_COLOR: _5, ...env } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { ...env, INLET_STATE: path.join(folder, "state"), INIT_CWD: folder, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr, json: JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") };
}

const sampleOutcome = {
  status: "completed",
  batches: [
    { client: "meadow", project: "spring", status: "completed", records: 24, imported: 24, links: 24, issues: 0 },
    { client: "meadow", project: "spring", status: "completed", records: 6, imported: 6, links: 6, issues: 0 },
    { client: "harbour", project: "iris1012", status: "completed", records: 8, imported: 8, links: null, issues: 0 },
    { client: "harbour", project: "iris1012", status: "rejected", records: 21, links: null, landingPage: null },
    { client: "harbour", project: "iris1012", status: "completed", records: 21, imported: 21, issues: 0 },
  ],
  // Received and completed for each of two campaign files; the retailer's report, and its update.
  emails: 6,
};

test("both clients' files go all the way, the second time as well", async () => {
  for (let time = 1; time <= 2; time += 1) {
    const { code, json, stdout, stderr } = await runDemo("--json");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(json).toMatchObject(sampleOutcome);
    const [first, , , refused, corrected] = json.batches;
    expect(first.delivered).toEqual([
      expect.stringMatching(/^\/spring\/Downloads\/PURL_meadow_spring_\d{8}_\d{6}_01\.csv$/),
      expect.stringMatching(/\.csv\.flg$/),
    ]);
    expect(first.landingPage).toMatch(/\/p\/[\w-]+$/);
    expect(refused.issues).toBeGreaterThanOrEqual(8);
    expect(corrected.file).toBe(refused.file);
    expect(stdout).toContain("✔ opens");
    expect(stdout).toContain("updated report 2");
  }
});

test("a file of the user's own, with any columns, comes back with links", async () => {
  await writeFile(path.join(folder, "Gäste liste.txt"), 'Name|Straße|"x|y"|Zahl\nAna|Weg 1|a|5\nBo|Weg 2|"b|c"|6\n');
  const { code, json, stdout } = await runDemo("--once", "--json", "--file", "Gäste liste.txt");
  expect(code).toBe(0);
  expect(json.batches).toMatchObject([
    { file: "Gäste liste.txt", status: "completed", records: 2, imported: 2, links: 2 },
  ]);
  expect(stdout).toContain("PURL_Gäste liste.txt");
});

test("a file that is not there is one sentence, and exit 1", async () => {
  const { code, stderr, json } = await runDemo("--json", "--file", "nowhere.csv");
  expect(code).toBe(1);
  expect(stderr).toContain(`there is no file ${path.join(folder, "nowhere.csv")}`);
  expect(json).toMatchObject({ status: "failed" });
});
