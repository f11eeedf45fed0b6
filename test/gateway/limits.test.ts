import { readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestAccount, TestGateway } from "./gateway.ts";

let gateway: TestGateway;
let acme: TestAccount;

beforeAll(async () => {
  gateway = await TestGateway.open({
    SFTP_MAX_UPLOAD_BYTES: "1000000",
    SFTP_MAX_ACCOUNT_BYTES: "3000000",
    SFTP_MAX_HANDLES: "5",
    SFTP_IDLE_TIMEOUT_SECONDS: "2",
    SFTP_AUTH_TIMEOUT_SECONDS: "2",
    SFTP_MAX_UNAUTHENTICATED_PER_ADDRESS: "4",
  });
  await gateway.project();
  acme = await gateway.account("acme");
});
afterAll(() => gateway.stop());

/** Opens a TCP connection and says nothing; resolves when the server ends it. */
function silent(localAddress = "127.0.0.1"): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port: gateway.port, localAddress });
    socket.on("error", () => {}).on("close", () => resolve());
    socket.resume();
  });
}

test("a file above the limit is refused while it comes, and is no arrival", async () => {
  const client = await gateway.connect(acme);
  const handle = await client.open("/spring/Uploads/big.csv", "w");
  await client.write(handle, Buffer.alloc(20_000), 979_000);
  await expect(client.write(handle, Buffer.alloc(2_000), 999_000)).rejects.toThrow(/at most 1000000 bytes/);
  await expect(client.write(handle, Buffer.alloc(2), 2 ** 52)).rejects.toThrow();
  await expect(client.close(handle)).rejects.toThrow(/at most/);
  await expect(client.setStat("/spring/Uploads/big.csv", { size: 2_000_000 })).rejects.toThrow(/too large/);
  expect(await gateway.arrivals(acme)).toEqual([]);
  expect((await gateway.audit("acme")).join()).toMatch(/upload partial \/spring\/Uploads\/big.csv A file may have/);
  await client.end();
});

test("an account's files together have a limit, too: what waits and what is being processed, and not its neighbour's", async () => {
  const full = await gateway.account("full");
  const client = await gateway.connect(full);
  const put = async (name: string, sizeBytes = 900_000) => {
    const handle = await client.open(`/spring/Uploads/${name}`, "w");
    try {
      for (let at = 0; at < sizeBytes; at += 100_000) await client.write(handle, Buffer.alloc(100_000), at);
    } finally {
      await client.close(handle);
    }
  };
  for (const name of ["1.csv", "2.csv", "3.csv"]) await put(name);
  await expect(put("4.csv")).rejects.toThrow(/at most 3000000 bytes together/);
  expect(await gateway.waiting(full)).toHaveLength(3);
  await client.remove("/spring/Uploads/4.csv");
  // What the watcher has claimed is in no folder, and counts.
  await rm(full.onDisk("/spring/Uploads/1.csv"));
  await gateway.database.pool.query(
    "UPDATE arrivals SET state = 'claimed' WHERE account_id = $1 AND file_name = '1.csv'",
    [full.id],
  );
  await expect(put("4.csv")).rejects.toThrow(/at most 3000000 bytes together/);
  const other = await gateway.connect(acme);
  await other.close(await other.open("/spring/Uploads/other.csv", "w"));
  await other.end();

  for (const name of ["2.csv", "3.csv"]) await client.remove(`/spring/Uploads/${name}`);
  await gateway.waitFor("room for a file", () =>
    put("5.csv").then(
      () => true,
      () => false,
    ),
  );
  await client.end();
});

test("so many handles can be open and no more; closed ones make room, and answer no more", async () => {
  const client = await gateway.connect(acme);
  const handles: Buffer[] = [];
  for (let n = 0; n < 5; n++) handles.push(await client.open(`/spring/Uploads/h${n}.csv`, "w"));
  await expect(client.open("/spring/Uploads/h5.csv", "w")).rejects.toThrow(/At most 5/);
  await client.close(handles[0]!);
  await expect(client.write(handles[0]!, "x", 0)).rejects.toThrow(/not open/);
  await expect(client.close(handles[0]!)).rejects.toThrow(/not open/);
  await expect(client.write(Buffer.from("nonsense"), "x", 0)).rejects.toThrow(/not open/);
  await client.close(await client.open("/spring/Uploads/h5.csv", "w"));
  client.vanish();
});

test("a connection that does nothing is closed", async () => {
  const client = await gateway.connect(acme);
  await new Promise<void>((resolve) => client.client.on("close", () => resolve()));
});

test("a connection that does not log in is closed, and one address has so many of them", async () => {
  const began = Date.now();
  await Promise.all([silent(), silent(), silent(), silent()]);
  expect(Date.now() - began).toBeGreaterThan(1_500);
  const closed: string[] = [];
  const four = Array.from({ length: 4 }, () => silent("127.0.0.9").then(() => closed.push("one of four")));
  await silent("127.0.0.9").then(() => closed.push("the fifth"));
  expect(closed).toEqual(["the fifth"]);
  expect((await gateway.sftp(acme, ["ls"], { from: "127.0.0.10" })).code).toBe(0);
  await Promise.all(four);
});

test("no new file is taken when the volume is nearly full", async () => {
  const full = await TestGateway.open({ SFTP_MIN_FREE_BYTES: `${2 ** 52}` });
  try {
    await full.project();
    const account = await full.account("acme");
    const client = await full.connect(account);
    await expect(client.open("/spring/Uploads/a.csv", "w")).rejects.toThrow(/too little space/);
    expect(await client.list("/spring/Uploads")).toEqual([]);
    await client.end();
  } finally {
    await full.stop();
  }
});

test("requests that wait for the database stay with the client, and are answered in the end", async () => {
  const busy = await TestGateway.open();
  try {
    await busy.project();
    const client = await busy.connect(await busy.account("acme"));
    const { pid } = busy.stack.process("sftp-gateway");
    const residentBytes = async () =>
      Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
    const before = await residentBytes();
    const path = `/spring/Uploads${"/.".repeat(50_000)}/none.csv`;
    const count = 1_500;
    const locking = await busy.database.pool.connect();
    let answered = 0;
    const answers: Promise<unknown>[] = [];
    try {
      await locking.query("BEGIN");
      await locking.query("LOCK TABLE arrivals IN ACCESS EXCLUSIVE MODE");
      // The first one waits for the table, and the others for the first one.
      answers.push(client.stat("/spring/Uploads/none.csv").catch(() => {}));
      for (let n = 0; n < count; n++) {
        const answer = client.stat(path).catch((error: Error) => expect(error.message).toMatch(/too long/));
        answers.push(answer.finally(() => (answered += 1)));
      }
      let resident = before;
      let same = 0;
      await busy.waitFor("the gateway to take no more", async () => {
        const now = await residentBytes();
        same = Math.abs(now - resident) < 2 ** 20 ? same + 1 : 0;
        resident = now;
        return same === 20;
      });
      // 150 MB of paths were sent.
      expect(resident - before).toBeLessThan(80 * 2 ** 20);
      expect(answered).toBe(0);
    } finally {
      await locking.query("ROLLBACK");
      locking.release();
    }
    await Promise.all(answers);
    expect(answered).toBe(count);
    await client.end();
  } finally {
    await busy.stop();
  }
});
