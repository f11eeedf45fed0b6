import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Rehearsal } from "@inlet/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inletOf, lastObject } from "../../packages/cli/src/testing/inlet.ts";
import { TestGateway } from "../gateway/gateway.ts";

/** "End to end testing: a must". A client's way from its first login to its first real file, on real servers. */

let hub: TestGateway;
let inlet: ReturnType<typeof inletOf>;
let keyFile: string;

const PROFILE = `
client: acme
project: spring
title: Spring offers
folders: { uploads: /spring/Uploads, downloads: /spring/Downloads }
links: { page: { title: "Hello {{name}}" } }
delivery: { to: downloads, flag: true }
notify: { recipients: [ops@client.example] }
tables:
  - name: contacts
    files: ["contacts-{timestamp}.{ext}"]
    mode: replace
    key: [id]
    columns:
      - { name: id, type: integer, required: true }
      - { name: name, required: true }
`;
const ROWS = Array.from({ length: 20 }, (_, index) => `${index + 1};Person ${index + 1}`);
const FILE = "contacts-20261120_093000.csv";
const NAME = "acme/spring";

beforeAll(async () => {
  hub = await TestGateway.open({}, [
    ...(["sftp-gateway", "watcher", "validator", "purl-generator", "importer", "courier"] as const),
    ...(["notifier", "landing", "api"] as const),
  ]);
  inlet = inletOf(hub.stack.stateFolder);
  keyFile = join(hub.work, "acme.key");
  await hub.makeKey(keyFile, "ed25519");
  await mkdir(join(hub.work, "fetched"));
  await writeFile(join(hub.work, "profile.yaml"), PROFILE);
});
afterAll(() => hub?.stop());

const run = (...args: string[]) => inlet.run(args);
const client = () => ({ username: "acme", keyFile }) as Awaited<ReturnType<TestGateway["account"]>>;

/** The client's own program: OpenSSH. */
async function sftp(...commands: string[]) {
  const { code, output } = await hub.sftp(client(), commands);
  if (code !== 0) throw new Error(output);
  return output;
}

async function put(name: string, rows: readonly string[]): Promise<void> {
  await hub.file(name, `id;name\n${rows.join("\n")}\n`);
  await sftp(`put ${name} /spring/Uploads/${name}`);
}

/** A download that is given up. */
async function fetchInPart(path: string): Promise<void> {
  const connection = await hub.connect(client());
  const handle = await connection.open(path, "r");
  await connection.ask<number>((requests, done) => requests.read(handle, Buffer.alloc(10), 0, 10, 0, done));
  await connection.close(handle);
  await connection.end();
}

const rehearsal = async () => lastObject(await run("rehearse", "--project", NAME, "--json")) as Rehearsal;
const lineOf = ({ lines }: Rehearsal, id: string) => lines.find((line) => line.id === id)!;

/** The checklist once it says this of a line. */
const until = (id: string, state: string) =>
  hub.waitFor(`${id} to be ${state}`, async () => {
    const seen = await rehearsal();
    return lineOf(seen, id)?.state === state && seen;
  });

const tables = async () =>
  (await hub.database.pool.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'client\\_%'")).rows;

test("a client rehearses until all is as agreed, goes live, and only then its rows are in its table", async () => {
  const applied = await run("apply", join(hub.work, "profile.yaml"));
  expect(applied.stdout).toMatch(
    /^acme\/spring {2}new, version 1\n {2}in rehearsal: .+\n {2}1\. .+\n {2}2\. .+go-live/,
  );
  await run("account", "add", "acme", "-c", "acme", "--public-key", `${keyFile}.pub`, "--cidr", "127.0.0.1/32");
  const nothing = await run("rehearse", "-p", NAME);
  expect(nothing.exitCode).toBe(1);
  expect(nothing.stdout).toMatch(/… File name {7}not yet: contacts-/);
  expect(nothing.stdout).toMatch(/Not passed yet: \d+ things to be seen\./);

  await put("people.csv", ROWS);
  const unnamed = await until("file_name", "red");
  expect(lineOf(unnamed, "file_name")).toMatchObject({
    found: "people.csv belongs to no table",
    whatToDo: expect.stringContaining("contacts-"),
  });
  expect(lineOf(unnamed, "login")).toMatchObject({ state: "green", found: "acme with an SSH key" });
  expect(lineOf(unnamed, "address")).toMatchObject({ state: "green", found: expect.stringContaining("127.0.0.1") });

  await put(FILE, ["1;Ada", "two;Bob", ...ROWS.slice(2)]);
  const wrong = await until("types", "red");
  expect(lineOf(wrong, "types")).toMatchObject({
    found: expect.stringMatching(/^1 row of 20 rejected; line 3, “two”: id must be/),
    whatToDo: expect.stringContaining("send it again"),
  });
  expect(lineOf(wrong, "delimiter")).toMatchObject({ state: "green", found: "semicolon" });
  expect(lineOf(wrong, "import")).toMatchObject({ state: "waiting" });
  const told = await run("rehearse", "-p", NAME);
  expect(told.exitCode).toBe(1);
  expect(told.stdout).toMatch(/✗ Rows {12}1 row of 20 rejected[^✓]+\n +expected: no rejected row\n +→ Mend the file/);

  // The same name again: a rehearsal is tried until it goes well.
  await put(FILE, ROWS);
  await until("result", "green");
  const ready = await until("email", "green");
  expect(lineOf(ready, "import")).toMatchObject({ state: "green", found: "20 rows taken, and given up again" });
  expect(lineOf(ready, "flag_file")).toMatchObject({ state: "green" });
  expect(lineOf(ready, "result_fetched")).toMatchObject({ state: "waiting" });
  const early = await run("go-live", "-p", NAME);
  expect(early.exitCode).toBe(7);
  expect(early.stderr).toMatch(/has not passed yet: Result fetched, Link opened\..+--override/);
  expect(await tables()).toEqual([]);

  const { found } = lineOf(ready, "result");
  const path = found!.split(" in ")[1]!;
  await fetchInPart(path);
  expect(lineOf(await until("result_fetched", "red"), "result_fetched").found).toBe("not to its end");
  const watching = run("rehearse", "-p", NAME, "--watch");
  await sftp(`get ${path} fetched/result.csv`, `get ${path}.flg fetched/result.flg`);
  const [header, first] = (await readFile(join(hub.work, "fetched/result.csv"), "utf8")).split("\n");
  expect(header).toBe("id;name;thumbnail_1;landingPage");
  const page = await fetch(first!.split(";")[3]!);
  expect([page.status, (await page.text()).includes("Rehearsal: this link is a test")]).toEqual([200, true]);
  const passed = await watching;
  expect(passed).toMatchObject({ exitCode: 0, stderr: "" });
  expect(passed.stdout).toMatch(/✓ Link opened/);
  expect(passed.stdout).toMatch(/\nPassed\. `inlet go-live --project acme\/spring` makes its files real\.\n$/);
  expect(passed.stdout).not.toMatch(/[✗…]/);

  const live = await run("go-live", "-p", NAME);
  expect(live.stdout).toMatch(/^acme\/spring is live: /);
  expect(await tables()).toEqual([]);
  await put(FILE, ROWS);
  const rows = await hub.waitFor("the real rows", async () => {
    if ((await tables()).length === 0) return false;
    return (await hub.database.pool.query("SELECT id, name FROM client_acme.spring__contacts ORDER BY id")).rows;
  });
  expect(rows).toHaveLength(20);
  expect(rows[0]).toEqual({ id: 1, name: "Person 1" });

  const { rows: audit } = await hub.database.pool.query(
    "SELECT action, detail ->> 'passed' AS passed FROM audit WHERE path = 'acme/spring' AND action LIKE 'project.%'",
  );
  expect(audit).toEqual([{ action: "project.live", passed: "true" }]);
  const subjects = async () => {
    const listed = await fetch(`${hub.stack.mailboxUrl}/api/messages?subject=Spring`);
    return ((await listed.json()) as { subject: string }[]).map(({ subject }) => subject);
  };
  const all = await hub.waitFor("four reports", async () => (await subjects()).length === 4 && (await subjects()));
  expect(all.filter((subject) => subject.includes("(rehearsal)"))).toHaveLength(3);
}, 120_000);

/** The newest batch of a file's name, once it has ended. */
const ended = (fileName: string) =>
  hub.waitFor(`the end of ${fileName}`, async () => {
    const found = hub.database.query.selectFrom("batches").selectAll().where("file_name", "=", fileName);
    const batch = await found.orderBy("id", "desc").limit(1).executeTakeFirst();
    return batch?.ended_at ? batch : undefined;
  });

/** Fetches a batch's error file, mends it, and sends it back under these names. */
async function mend(batchId: number, names: readonly string[]): Promise<void> {
  const errors = join(hub.work, `${batchId}.errors.csv`);
  await rm(errors, { force: true });
  expect((await run("download", String(batchId), "errors", "-o", errors)).exitCode).toBe(0);
  await writeFile(errors, (await readFile(errors, "utf8")).replace("two;", "2;"));
  for (const name of names) await sftp(`put ${batchId}.errors.csv "/spring/Uploads/${name}"`);
}

test("a mended error file is taken within the rehearsal that its file came in, and not beyond", async () => {
  const begin = () => run("rehearse", "-p", NAME, "--begin", "--reason", "another test");
  const rows = async () =>
    (await hub.database.pool.query("SELECT count(*) FROM client_acme.spring__contacts")).rows[0].count as number;
  const before = await rows();
  await begin();
  // What was seen before does not count.
  expect(await rehearsal()).toMatchObject({ state: "rehearsal", passed: false, batches: [] });
  await put("contacts-20261121_093000.csv", ["1;Ada", "two;Bob"]);
  const { id: rehearsed } = await ended("contacts-20261121_093000.csv");
  await mend(rehearsed, ["contacts-20261121_093000.errors.csv"]);
  expect(await ended("contacts-20261121_093000.errors.csv")).toMatchObject({
    ...{ status: "completed", rehearsal: true, corrects: rehearsed, records: 2, imported: 2 },
  });
  expect((await run("go-live", "--project", NAME, "--override", "for the next test")).exitCode).toBe(0);
  await put("contacts-20261122_093000.csv", ["1;Ada", "two;Bob"]);
  const { id: real } = await ended("contacts-20261122_093000.csv");
  await mend(rehearsed, ["contacts-20261121_093000.errors (1).csv"]);
  expect(await ended("contacts-20261121_093000.errors (1).csv")).toMatchObject({
    ...{ status: "rejected", rehearsal: false, reason_code: "correction_of_rehearsal", imported: null },
  });
  await begin();
  await mend(real, ["contacts-20261122_093000.errors.csv"]);
  expect(await ended("contacts-20261122_093000.errors.csv")).toMatchObject({
    ...{ status: "rejected", rehearsal: true, reason_code: "correction_in_rehearsal" },
  });
  expect(await rows()).toBe(before);
}, 120_000);
