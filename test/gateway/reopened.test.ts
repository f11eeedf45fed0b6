import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestAccount, TestGateway } from "./gateway.ts";

let gateway: TestGateway;
let acme: TestAccount;

beforeAll(async () => {
  gateway = await TestGateway.open({}, ["sftp-gateway", "watcher"]);
  await gateway.project();
  acme = await gateway.account("acme");
});
afterAll(() => gateway.stop());
// What arrives stays, until a test starts the watcher.
beforeEach(() => gateway.stack.process("watcher").stop());
afterEach(() => gateway.stack.process("watcher").start());

const CONTENT = "email\nada@example.com\n";
const states = async (path: string) =>
  (await gateway.arrivals(acme)).filter((arrival) => arrival.path === path).map(({ state }) => state);
const batched = (path: string) =>
  gateway.waitFor(`${path} to be a batch`, async () => (await states(path)).join() === "batched");
const isHeld = async (path: string) =>
  (await gateway.database.pool.query("SELECT 1 FROM uploads WHERE path = $1", [path])).rowCount === 1;
/** As after two minutes without a sign of life of the writer. */
const fallSilent = (path: string) =>
  gateway.database.pool.query("UPDATE uploads SET touched_at = touched_at - interval '3 minutes' WHERE path = $1", [
    path,
  ]);

test.each(["r+", "a"])(
  "a file that had arrived is still that arrival when it is opened (%s) and closed",
  async (flags) => {
    const path = `/spring/Uploads/closed${flags}.csv`;
    const client = await gateway.connect(acme);
    await client.put(path, CONTENT);
    const handle = await client.open(path, flags);
    expect(await states(path)).toEqual(["arrived"]);
    await gateway.stack.process("watcher").start();
    await client.close(handle);
    await batched(path);
    await client.end();
  },
);

test("it is, when the connection is lost before anything was written", async () => {
  const path = "/spring/Uploads/vanished.csv";
  const client = await gateway.connect(acme);
  await client.put(path, CONTENT);
  await client.open(path, "r+");
  client.vanish();
  await gateway.waitFor("the handle to be given up", async () => !(await isHeld(path)));
  expect(await states(path)).toEqual(["arrived"]);
  expect(await readFile(acme.onDisk(path), "utf8")).toBe(CONTENT);
  await gateway.stack.process("watcher").start();
  await batched(path);
});

test("it is, when the gateway is killed before anything was written", async () => {
  const path = "/spring/Uploads/killed.csv";
  const client = await gateway.connect(acme);
  await client.put(path, CONTENT);
  await client.open(path, "r+");
  const process = gateway.stack.process("sftp-gateway");
  const { pid } = process;
  process.signal("SIGKILL");
  await gateway.waitFor("the gateway to run again", async () => process.pid !== pid && process.isReady);
  expect(await states(path)).toEqual(["arrived"]);
  await fallSilent(path);
  await gateway.stack.process("watcher").start();
  await batched(path);
});

test("the first write takes it back, and its end is a new arrival", async () => {
  const path = "/spring/Uploads/written.csv";
  const client = await gateway.connect(acme);
  await client.put(path, CONTENT);
  const handle = await client.open(path, "r+");
  await Promise.all([client.write(handle, "E", 0), client.write(handle, "bob@example.com\n", CONTENT.length)]);
  expect(await states(path)).toEqual(["withdrawn"]);
  await client.close(handle);
  expect(await states(path)).toEqual(["withdrawn", "arrived"]);
  await client.setStat(path, { size: 6 });
  expect(await states(path)).toEqual(["withdrawn", "withdrawn"]);
  await client.end();
});

test("a first write that comes after the watcher is refused, and changes nothing", async () => {
  const path = "/spring/Uploads/late.csv";
  const client = await gateway.connect(acme);
  await client.put(path, CONTENT);
  const handle = await client.open(path, "r+");
  await fallSilent(path);
  await gateway.stack.process("watcher").start();
  await batched(path);
  await expect(client.write(handle, "late", 0)).rejects.toThrow(/being processed/);
  await expect(client.close(handle)).rejects.toThrow(/being processed/);
  expect(await states(path)).toEqual(["batched"]);
  await client.end();
});
