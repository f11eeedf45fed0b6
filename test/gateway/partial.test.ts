import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RawClient, sha256, type TestAccount, TestGateway } from "./gateway.ts";

let gateway: TestGateway;
let acme: TestAccount;

beforeAll(async () => {
  gateway = await TestGateway.open({ SFTP_TAKE_OVER_SECONDS: "2", SFTP_PART_TTL_SECONDS: "4" }, { "sftp-gateway": 2 });
  await gateway.project();
  acme = await gateway.account("acme");
});
afterAll(() => gateway.stop());

const otherPort = () => gateway.stack.ports["sftp-gateway#2"] ?? 0;
const partials = async (path: string) =>
  (await gateway.audit("acme")).filter((line) => line.startsWith(`upload partial ${path}`));
const givenUp = (path: string) =>
  gateway.waitFor(`${path} to be given up`, async () => (await partials(path)).length > 0);
const arrivalsOf = async (path: string) => (await gateway.arrivals(acme)).filter((arrival) => arrival.path === path);

/** Uploads the beginning of a file and keeps it open. */
async function begin(client: RawClient, path: string, bytes: Buffer): Promise<Buffer> {
  const handle = await client.open(path, "w");
  for (let at = 0; at < bytes.length; at += 30_000) await client.write(handle, bytes.subarray(at, at + 30_000), at);
  return handle;
}

describe("a connection that drops in mid-upload", () => {
  test("leaves a part that is no arrival, that its owner sees and can resume on the other gateway", async () => {
    const path = "/spring/Uploads/dropped.csv";
    const bytes = randomBytes(400_000);
    const lost = await gateway.connect(acme);
    await begin(lost, path, bytes.subarray(0, 150_000));
    lost.vanish();
    await givenUp(path);
    expect(await arrivalsOf(path)).toEqual([]);
    const again = await gateway.connect(acme, { port: otherPort() });
    expect((await again.stat(path)).size).toBe(150_000);
    expect(await again.list("/spring/Uploads")).toContain("dropped.csv");
    const handle = await again.open(path, "r+");
    for (let at = 150_000; at < bytes.length; at += 25_000)
      await again.write(handle, bytes.subarray(at, at + 25_000), at);
    expect(await arrivalsOf(path)).toEqual([]);
    await again.close(handle);
    expect(await arrivalsOf(path)).toMatchObject([{ sizeBytes: bytes.length, sha256: null, state: "arrived" }]);
    expect(sha256(await readFile(acme.onDisk(path)))).toBe(sha256(bytes));
    await again.end();
  });

  test("after it had written into a file that had arrived, leaves a part", async () => {
    const path = "/spring/Uploads/changed.csv";
    const client = await gateway.connect(acme);
    await client.put(path, "complete\n");
    const handle = await client.open(path, "r+");
    await client.write(handle, "C", 0);
    client.vanish();
    await givenUp(path);
    expect((await arrivalsOf(path)).map(({ state }) => state)).toEqual(["withdrawn"]);
  });
});

test("two connections cannot write one path, on whichever gateway they are", async () => {
  const path = "/spring/Uploads/contested.csv";
  const first = await gateway.connect(acme);
  const second = await gateway.connect(acme, { port: otherPort() });
  const handle = await begin(first, path, Buffer.from("first\n"));
  for (const flags of ["w", "a", "r+"]) await expect(second.open(path, flags)).rejects.toThrow(/another connection/);
  await expect(second.remove(path)).rejects.toThrow(/another connection/);
  await expect(second.rename(path, "/spring/Uploads/stolen.csv")).rejects.toThrow(/another connection/);
  await first.close(handle);
  expect(await readFile(acme.onDisk(path), "utf8")).toBe("first\n");
  await second.put(path, "second\n");
  expect((await arrivalsOf(path)).map(({ state }) => state)).toEqual(["withdrawn", "arrived"]);
  await first.end();
  await second.end();
});

test("an upload that was silent can be taken over, and the first writer changes nothing any more", async () => {
  const path = "/spring/Uploads/silent.csv";
  const first = await gateway.connect(acme);
  const second = await gateway.connect(acme, { port: otherPort() });
  const stale = await begin(first, path, Buffer.from("from the first\n"));
  const handle = await gateway.waitFor("the take-over", async () => {
    try {
      return await second.open(path, "r+");
    } catch {
      return false;
    }
  });
  await second.write(handle, "from the second, which resumed\n", 0);
  await expect(first.write(stale, "FIRST", 0)).rejects.toThrow(/taken this upload over/);
  await expect(first.close(stale)).rejects.toThrow();
  await second.close(handle);
  expect(await readFile(acme.onDisk(path), "utf8")).toBe("from the second, which resumed\n");
  expect(await arrivalsOf(path)).toMatchObject([{ sizeBytes: 31, state: "arrived" }]);
  await first.end();
  await second.end();
});

test("a slow upload that sends now and then is not taken over", async () => {
  const path = "/spring/Uploads/slow.csv";
  const first = await gateway.connect(acme);
  const second = await gateway.connect(acme, { port: otherPort() });
  const handle = await first.open(path, "w");
  const until = Date.now() + 4_000;
  let sent = 0;
  await gateway.waitFor("four seconds of slow writing", async () => {
    await first.write(handle, "row\n", sent);
    sent += 4;
    await expect(second.open(path, "r+")).rejects.toThrow(/another connection/);
    return Date.now() > until;
  });
  await first.close(handle);
  expect(await arrivalsOf(path)).toMatchObject([{ sizeBytes: sent, state: "arrived" }]);
  await first.end();
  await second.end();
});

describe("a gateway that is killed", () => {
  /** Does what ends the first gateway; resolves when it runs again. */
  async function dying(work: () => Promise<void>): Promise<void> {
    const process = gateway.stack.process("sftp-gateway");
    const { pid } = process;
    await work();
    await gateway.waitFor("the gateway to run again", async () => process.pid !== pid && process.isReady);
  }

  test("in mid-upload leaves a part that can be resumed", async () => {
    const path = "/spring/Uploads/killed.csv";
    const client = await gateway.connect(acme);
    await begin(client, path, Buffer.from("half\n"));
    await dying(async () => gateway.stack.process("sftp-gateway").signal("SIGKILL"));
    expect(await arrivalsOf(path)).toEqual([]);
    const again = await gateway.connect(acme);
    expect((await again.stat(path)).size).toBe(5);
    // The claim of the killed one falls after its time.
    const handle = await gateway.waitFor("the claim to fall", async () => again.open(path, "r+").catch(() => false));
    await again.write(handle as Buffer, "half and half\n", 0);
    await again.close(handle as Buffer);
    expect(await arrivalsOf(path)).toMatchObject([{ sizeBytes: 14, state: "arrived" }]);
    await again.end();
  });

  test("just before the arrival is committed has told nobody that it is complete", async () => {
    const path = "/spring/Uploads/before.csv";
    const client = await gateway.connect(acme);
    const handle = await begin(client, path, Buffer.from("all of it\n"));
    await gateway.stack.armFailpoint("gateway.before-arrival");
    await dying(() => expect(client.close(handle)).rejects.toThrow());
    expect(await arrivalsOf(path)).toEqual([]);
    const again = await gateway.connect(acme);
    expect((await again.stat(path)).size).toBe(10);
    await gateway.waitFor("the upload anew", async () =>
      again.put(path, "all of it\n").then(
        () => true,
        () => false,
      ),
    );
    expect(await arrivalsOf(path)).toMatchObject([{ generation: 1, sizeBytes: 10, state: "arrived" }]);
    await again.end();
  });

  test("just after the arrival was committed has lost nothing", async () => {
    const path = "/spring/Uploads/after.csv";
    const client = await gateway.connect(acme);
    const handle = await begin(client, path, Buffer.from("all of it\n"));
    await gateway.stack.armFailpoint("gateway.after-arrival");
    await dying(() => expect(client.close(handle)).rejects.toThrow());
    expect(await arrivalsOf(path)).toMatchObject([{ generation: 1, sizeBytes: 10, state: "arrived" }]);
    expect(await readFile(acme.onDisk(path), "utf8")).toBe("all of it\n");
  });

  test.each(["gateway.before-arrival", "gateway.after-arrival"])(
    "in a rename, at %s, keeps what had arrived under one of the names",
    async (failpoint) => {
      const from = `/spring/Uploads/from-${failpoint}.csv`;
      const to = `/spring/Uploads/to-${failpoint}.csv`;
      const client = await gateway.connect(acme);
      await client.put(from, "acknowledged\n");
      await gateway.stack.armFailpoint(failpoint);
      await dying(() => expect(client.rename(from, to)).rejects.toThrow());
      const whole = [...(await arrivalsOf(from)), ...(await arrivalsOf(to))].filter(({ state }) => state === "arrived");
      expect(whole.map(({ path }) => path)).toEqual([failpoint === "gateway.before-arrival" ? from : to]);
      expect(await readFile(`${gateway.stack.dataFolder}/${whole[0]?.location}`, "utf8")).toBe("acknowledged\n");
      // Whatever is left under the other name cannot be used to change what has arrived.
      const again = await gateway.connect(acme);
      const other = whole[0]?.path === from ? to : from;
      await gateway.waitFor("the claims to fall", async () =>
        again.open(other, "r+").then(
          () => false,
          // The sweep may have removed it by now.
          (error: Error) => /left over|No such file/.test(error.message),
        ),
      );
      await again.put(other, "something else\n");
      expect(await readFile(`${gateway.stack.dataFolder}/${whole[0]?.location}`, "utf8")).toBe("acknowledged\n");
      await again.end();
    },
  );
});

describe("without its servers", () => {
  test("PostgreSQL away for a while: the CLOSE waits, and is answered after the commit", async () => {
    const path = "/spring/Uploads/patient.csv";
    const client = await gateway.connect(acme);
    const handle = await begin(client, path, Buffer.from("patience\n"));
    const postgres = gateway.stack.process("postgres");
    await postgres.stop();
    let answered = false;
    const closing = client.close(handle).finally(() => {
      answered = true;
    });
    const asked = Date.now();
    await gateway.waitFor("the CLOSE to have waited", async () => answered || Date.now() - asked > 1_000);
    expect(answered).toBe(false);
    await postgres.start();
    await closing;
    expect(await arrivalsOf(path)).toMatchObject([{ sizeBytes: 9, state: "arrived" }]);
    await client.end();
  });

  test("Redis away: uploads complete all the same", async () => {
    const path = "/spring/Uploads/unpublished.csv";
    const redis = gateway.stack.process("redis");
    await redis.stop();
    const client = await gateway.connect(acme);
    await client.put(path, "later\n");
    expect(await arrivalsOf(path)).toMatchObject([{ state: "arrived" }]);
    await client.end();
    await redis.start();
  });
});

test("a part is removed after its time; what has arrived and what is being written stays", async () => {
  const client = await gateway.connect(acme);
  const part = "/spring/Uploads/forgotten.csv.part";
  await client.put(part, "never renamed\n");
  await client.put("/spring/Uploads/kept.csv", "kept\n");
  const young = "/spring/Uploads/young.csv.part";
  const writing = "/spring/Uploads/written.csv";
  const handle = await client.open(writing, "w");
  let sent = 0;
  const began = Date.now();
  let isYoungThere = false;
  await gateway.waitFor("the part to be removed", async () => {
    await client.write(handle, "row\n", sent);
    sent += 4;
    if (!isYoungThere && Date.now() - began > 2_000) {
      isYoungThere = true;
      await client.put(young, "still coming\n");
      // A client can give a file any time; what counts is how long it has really been there.
      await client.setStat(young, { atime: 1_000_000_000, mtime: 1_000_000_000 });
    }
    return !existsSync(acme.onDisk(part));
  });
  expect(existsSync(acme.onDisk(young))).toBe(true);
  expect(existsSync(acme.onDisk(writing))).toBe(true);
  expect(existsSync(acme.onDisk("/spring/Uploads/kept.csv"))).toBe(true);
  await client.close(handle);
  expect(await arrivalsOf(writing)).toMatchObject([{ sizeBytes: sent }]);
  const { rows } = await gateway.database.pool.query("SELECT 1 FROM audit WHERE action = 'expire' AND path = $1", [
    part,
  ]);
  expect(rows).toHaveLength(1);
  await client.end();
  await writeFile(acme.onDisk("/spring/Uploads/.keep"), "");
});
