import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestAccount, TestGateway } from "./gateway.ts";

let gateway: TestGateway;
let acme: TestAccount;

beforeAll(async () => {
  gateway = await TestGateway.open({ SFTP_MAX_SESSIONS_PER_ACCOUNT: "3", SFTP_BAN_SECONDS: "600" });
  await gateway.project();
  acme = await gateway.account("acme");
});
afterAll(() => gateway.stop());

/** Loopback addresses that are never banned, and one that is. */
const HOME = "127.0.0.1";
const GUESSER = "127.0.0.66";

describe("a login is refused", () => {
  test("with another key", async () => {
    const other = await gateway.account("other");
    expect((await gateway.sftp(acme, ["ls"], { keyFile: other.keyFile })).code).not.toBe(0);
    await gateway.waitFor("the audit", async () =>
      (await gateway.audit("acme")).includes("login failed no accepted key"),
    );
  });

  test("with another password, after a second, and the right one opens", async () => {
    const asked = Date.now();
    expect((await gateway.sftp(acme, ["ls"], { password: "wrong" })).code).not.toBe(0);
    expect(Date.now() - asked).toBeGreaterThan(900);
    expect(await gateway.audit("acme")).toContain("login failed wrong password");
    expect((await gateway.sftp(acme, ["ls"], { password: acme.password })).code).toBe(0);
  });

  test("with no password, where the account has none", async () => {
    await gateway.database.pool.query("UPDATE accounts SET password_hash = NULL WHERE username = 'other'");
    const other = { ...acme, username: "other" };
    for (const password of ["", "x"]) expect((await gateway.sftp(other, ["ls"], { password })).code).not.toBe(0);
  });

  test("of an unknown user, by key and by password", async () => {
    const nobody = { ...acme, username: "nobody" };
    expect((await gateway.sftp(nobody, ["ls"])).code).not.toBe(0);
    expect((await gateway.sftp(nobody, ["ls"], { password: acme.password })).code).not.toBe(0);
    await gateway.waitFor("the audit", async () => {
      const lines = await gateway.audit("nobody");
      return lines.filter((line) => line === "login failed unknown user").length === 2;
    });
  });

  test("of a disabled account, with the right key and the right password", async () => {
    const disabled = await gateway.account("disabled", { enabled: false });
    expect((await gateway.sftp(disabled, ["ls"])).code).not.toBe(0);
    expect((await gateway.sftp(disabled, ["ls"], { password: disabled.password })).code).not.toBe(0);
    expect(await gateway.audit("disabled")).toContain("login refused account disabled");
  });

  test("from outside the account's allow-list, and is open from inside", async () => {
    const fenced = await gateway.account("fenced", { cidrs: ["127.0.0.32/28", "2001:db8::/32"] });
    expect((await gateway.sftp(fenced, ["ls"], { from: "127.0.0.40" })).code).toBe(0);
    expect((await gateway.sftp(fenced, ["ls"], { from: HOME })).code).not.toBe(0);
    expect((await gateway.sftp(fenced, ["ls"], { from: HOME, password: fenced.password })).code).not.toBe(0);
    expect(await gateway.audit("fenced")).toContain("login refused address not allowed");
  });

  test("from everywhere, where the allow-list cannot be read", async () => {
    const broken = await gateway.account("broken", { cidrs: ["127.0.0.0/8 or so"] });
    expect((await gateway.sftp(broken, ["ls"])).code).not.toBe(0);
  });

  test("with an RSA key that is too short, or that would sign with SHA-1", async () => {
    const short = `${gateway.work}/short`;
    const long = `${gateway.work}/long`;
    await gateway.makeKey(short, "rsa", 1024);
    await gateway.makeKey(long, "rsa", 2048);
    const publicKeys = [await readFile(`${short}.pub`, "utf8"), await readFile(`${long}.pub`, "utf8")];
    const account = await gateway.account("rsa", { publicKeys });
    const sha1 = { PubkeyAcceptedAlgorithms: "ssh-rsa", RequiredRSASize: "1024" };
    expect((await gateway.sftp(account, ["ls"], { keyFile: long })).code).toBe(0);
    expect((await gateway.sftp(account, ["ls"], { keyFile: long, settings: sha1 })).code).not.toBe(0);
    expect(
      (await gateway.sftp(account, ["ls"], { keyFile: short, settings: { RequiredRSASize: "1024" } })).code,
    ).not.toBe(0);
  });
});

test("an account that is disabled while it is logged in is out within seconds", async () => {
  const leaving = await gateway.account("leaving");
  const client = await gateway.connect(leaving);
  expect(await client.list("/")).toEqual(["spring"]);
  await gateway.database.pool.query("UPDATE accounts SET enabled = false WHERE username = 'leaving'");
  await gateway.waitFor("the session to end", async () => {
    try {
      await client.stat("/spring");
      return false;
    } catch {
      return true;
    }
  });
  expect((await gateway.sftp(leaving, ["ls"])).code).not.toBe(0);
});

test("a new project's folders appear, an old one's move, without a new login", async () => {
  const client = await gateway.connect(acme);
  await gateway.project({ project: "autumn", folders: { uploads: "/autumn/In" } });
  await gateway.waitFor("the new folder", async () => (await client.list("/")).includes("autumn"));
  await client.put("/autumn/In/a.csv", "a\n");
  await gateway.project({ project: "autumn", folders: { uploads: "/autumn/Out" } });
  await gateway.waitFor("the moved folder", async () => (await client.list("/autumn")).includes("Out"));
  await expect(client.stat("/autumn/In/a.csv")).rejects.toThrow(/No such file/);
  await client.end();
});

test("an account has so many sessions and no more; one that ends makes room", async () => {
  const many = await gateway.account("many");
  const open = [await gateway.connect(many), await gateway.connect(many), await gateway.connect(many)];
  await expect(gateway.connect(many)).rejects.toThrow();
  expect(await gateway.audit("many")).toContain("login refused too many sessions of this account");
  await open[0]?.end();
  await gateway.waitFor("room", async () => {
    try {
      open.push(await gateway.connect(many));
      return true;
    } catch {
      return false;
    }
  });
  for (const client of open.slice(1)) await client.end();
});

test("an address that guesses is banned, others are not, and the ban is the same on each gateway", async () => {
  // Two points for an unknown user: the eighth guess makes sixteen.
  const guess = (username: string) =>
    gateway.sftp({ ...acme, username }, ["ls"], {
      password: "guess",
      from: GUESSER,
      settings: { ConnectTimeout: "5" },
    });
  await Promise.all([1, 2, 3, 4].map((n) => guess(`guess${n}`)));
  expect((await gateway.sftp(acme, ["ls"], { from: GUESSER })).code).toBe(0);
  await Promise.all([5, 6, 7, 8].map((n) => guess(`guess${n}`)));
  const banned = await gateway.sftp(acme, ["ls"], { from: GUESSER });
  expect(banned.code).not.toBe(0);
  expect((await gateway.sftp(acme, ["ls"], { from: HOME })).code).toBe(0);
  const { rows } = await gateway.database.pool.query<{ address: string; bans: number; minutes: number }>(
    "SELECT address, bans, round(extract(epoch FROM banned_until - now()) / 60)::int AS minutes FROM login_scores WHERE bans > 0",
  );
  expect(rows).toEqual([{ address: GUESSER, bans: 1, minutes: 10 }]);
  const { rows: audited } = await gateway.database.pool.query(
    "SELECT 1 FROM audit WHERE action = 'ban' AND address = $1",
    [GUESSER],
  );
  expect(audited).toHaveLength(1);
  // The gateway that is asked next has not counted any of it.
  await gateway.stack.process("sftp-gateway").stop();
  await gateway.stack.process("sftp-gateway").start();
  expect((await gateway.sftp(acme, ["ls"], { from: GUESSER })).code).not.toBe(0);
  // An operator may lift it.
  await gateway.database.pool.query("UPDATE login_scores SET banned_until = NULL");
  await gateway.waitFor(
    "the lifted ban to count",
    async () => (await gateway.sftp(acme, ["ls"], { from: GUESSER })).code === 0,
  );
});
