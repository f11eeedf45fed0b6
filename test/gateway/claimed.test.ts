import { mkdir, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RawClient, type TestAccount, TestGateway } from "./gateway.ts";

let gateway: TestGateway;
let acme: TestAccount;
let client: RawClient;

beforeAll(async () => {
  gateway = await TestGateway.open();
  await gateway.project();
  acme = await gateway.account("acme");
  client = await gateway.connect(acme);
});
afterAll(() => gateway.stop());

/** What the watcher does first: the row, then the bytes. */
async function claim(path: string): Promise<number> {
  const { rows } = await gateway.database.pool.query<{ id: number; location: string }>(
    `UPDATE arrivals SET state = 'claimed' WHERE account_id = $1 AND path = $2 AND state = 'arrived'
     RETURNING id, location`,
    [acme.id, path],
  );
  const { id, location } = rows[0]!;
  const claimed = join(gateway.stack.dataFolder, "claimed", `${id}`);
  await mkdir(dirname(claimed), { recursive: true });
  await rename(join(gateway.stack.dataFolder, location), claimed);
  return id;
}

/** And then: the batch. */
async function batch(arrivalId: number): Promise<void> {
  await gateway.database.pool.query(
    `WITH batched AS (UPDATE arrivals SET state = 'batched' WHERE id = $1 RETURNING *),
     run AS (INSERT INTO runs (project_id, key) SELECT project_id, 'file:' || id FROM batched RETURNING id)
     INSERT INTO batches (client_id, project_id, profile_version, run_id, arrival_id, account_id, source, file_name,
       size_bytes, sha256, status)
     SELECT p.client_id, p.id, p.profile_version, run.id, a.id, a.account_id, 'gateway', a.file_name, a.size_bytes,
       '\\x00', 'running'
     FROM batched a JOIN projects p ON p.id = a.project_id, run`,
    [arrivalId],
  );
}

const end = (arrivalId: number) =>
  gateway.database.pool.query("UPDATE batches SET status = 'completed', ended_at = now() WHERE arrival_id = $1", [
    arrivalId,
  ]);

test("a claimed file can be looked at and not be changed, until its batch ends; then its name is free", async () => {
  const path = "/spring/Uploads/a.csv";
  await client.put(path, "twelve bytes");
  const arrivalId = await claim(path);
  for (const step of [async () => {}, () => batch(arrivalId)]) {
    await step();
    expect((await client.stat(path)).size).toBe(12);
    expect(await client.list("/spring/Uploads")).toEqual(["a.csv"]);
    await client.setStat(path, { atime: 1_000_000_000, mtime: 1_000_000_000 });
    await client.setStat(path, { mode: 0o600 });
    for (const flags of ["w", "r+", "a", "wx", "r"]) {
      await expect(client.open(path, flags), flags).rejects.toThrow(/being processed/);
    }
    await expect(client.remove(path)).rejects.toThrow(/being processed/);
    await expect(client.rename(path, "/spring/Uploads/b.csv")).rejects.toThrow();
    await expect(client.setStat(path, { size: 0 })).rejects.toThrow(/being processed/);
    await client.put("/spring/Uploads/c.csv.part", "x");
    await expect(client.rename("/spring/Uploads/c.csv.part", path)).rejects.toThrow(/being processed/);
    await client.remove("/spring/Uploads/c.csv.part");
  }
  await end(arrivalId);
  expect(await client.list("/spring/Uploads")).toEqual([]);
  await expect(client.remove(path)).rejects.toThrow(/No such file/);
  await client.put(path, "the next one");
  const arrivals = await gateway.arrivals(acme);
  expect(arrivals.map(({ generation, state }) => `${generation} ${state}`)).toEqual(["1 batched", "2 arrived"]);
  expect(await readFile(join(gateway.stack.dataFolder, "claimed", `${arrivalId}`), "utf8")).toBe("twelve bytes");
  await client.remove(path);
});

test("a file that has just ended answers a look, though it is listed no more; later it is gone", async () => {
  const path = "/spring/Uploads/quick.csv";
  await client.put(path, "quick");
  const arrivalId = await claim(path);
  await batch(arrivalId);
  await end(arrivalId);
  expect((await client.stat(path)).size).toBe(5);
  await client.setStat(path, { atime: 1_000_000_000, mtime: 1_000_000_000 });
  expect(await client.list("/spring/Uploads")).toEqual([]);
  await gateway.database.pool.query(
    "UPDATE arrivals SET arrived_at = arrived_at - interval '2 minutes' WHERE id = $1",
    [arrivalId],
  );
  await expect(client.stat(path)).rejects.toThrow(/No such file/);
});

test("a file that the watcher is just claiming is there to look at, and cannot be changed", async () => {
  const path = "/spring/Uploads/moment.csv";
  await client.put(path, "moment");
  const watcher = await gateway.database.pool.connect();
  try {
    // The bytes have moved, and the row does not say so yet.
    await watcher.query("BEGIN");
    const { rows } = await watcher.query<{ id: number; location: string }>(
      "SELECT id, location FROM arrivals WHERE path = $1 FOR UPDATE",
      [path],
    );
    const { id, location } = rows[0]!;
    await rename(join(gateway.stack.dataFolder, location), join(gateway.stack.dataFolder, "claimed", `${id}`));
    expect((await client.stat(path)).size).toBe(6);
    expect(await client.list("/spring/Uploads")).toContain("moment.csv");
    await client.setStat(path, { atime: 1_000_000_000, mtime: 1_000_000_000 });
    for (const flags of ["w", "r+", "r"])
      await expect(client.open(path, flags), flags).rejects.toThrow(/being processed/);
    await expect(client.remove(path)).rejects.toThrow(/being processed/);
    await expect(client.rename(path, "/spring/Uploads/later.csv")).rejects.toThrow(/being processed/);
    await watcher.query("UPDATE arrivals SET state = 'claimed' WHERE id = $1", [id]);
    await watcher.query("COMMIT");
  } finally {
    watcher.release();
  }
  expect((await client.stat(path)).size).toBe(6);
});

test("whoever comes first has the file: its owner's change, or the watcher's claim", async () => {
  for (let round = 0; round < 10; round++) {
    const path = `/spring/Uploads/race-${round}.csv`;
    await client.put(path, "contested\n");
    const claiming = claim(path).then(
      () => "claimed",
      () => "too late",
    );
    const change = round % 2 ? client.remove(path) : client.rename(path, `${path}.renamed.csv`);
    const changing = change.then(
      () => "changed",
      () => "refused",
    );
    const outcome = `${await claiming} ${await changing}`;
    expect(["claimed refused", "too late changed"]).toContain(outcome);
    const states = (await gateway.arrivals(acme)).filter((arrival) => arrival.path === path).map(({ state }) => state);
    expect(states).toEqual([outcome === "claimed refused" ? "claimed" : "withdrawn"]);
  }
});
