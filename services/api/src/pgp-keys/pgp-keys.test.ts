import { generatePgpKey } from "@inlet/envelope";
import { pgpKeyContext, readProjectKeys } from "@inlet/pipeline";
import { unseal } from "@inlet/runtime";
import { waitFor } from "@inlet/stack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildProfile, givenProject, openTestHub, type TestHub } from "../testing/hub.ts";

let hub: TestHub;
let admin: { authorization: string };

beforeAll(async () => {
  hub = await openTestHub();
  admin = await hub.as("admin");
});
afterAll(() => hub?.close());

type Call = [method: "GET" | "POST" | "DELETE" | "PUT", path: string, payload?: object];

/** A project of its own, and calls on its keys. */
async function givenKeys(project: string, client = "spring") {
  const ids = await givenProject(hub.database, client, project);
  const base = `/v1/clients/${client}/projects/${project}/keys`;
  const call = (...[method, path, payload = {}]: Call) =>
    hub.app.inject({ method, url: `${base}${path}`, headers: admin, ...(method === "GET" ? {} : { payload }) });
  const readKeys = () => readProjectKeys(hub.database, hub.key, ids);
  return { ...ids, base, call, readKeys };
}

const theirKey = (name = "Ana") => generatePgpKey({ userId: { name, email: "ana@example.com" }, expiresInDays: 365 });

/** Every table that a secret could have got into, as text. */
async function everythingStored(): Promise<string> {
  const rows = await hub.sql<{ all: string }>`
    SELECT (SELECT jsonb_agg(k)::text FROM inlet.pgp_keys k) || (SELECT jsonb_agg(a)::text FROM inlet.audit a) AS all`;
  return rows[0]!.all;
}

/** The inner lines of an armour, any of which would give it away. */
const linesOf = (armored: string) => armored.split(/\r?\n/).filter((line) => /^[A-Za-z0-9+/=]{40,}$/.test(line));

test("a key of ours is made, listed and exported; its private part is stored sealed for its client, and never answered", async () => {
  const { call, clientId, projectId, readKeys } = await givenKeys("made");
  const made = await call("POST", "", { expiresInDays: 60, name: "Meadow files", email: "files@example.com" });
  expect(made.statusCode).toBe(201);
  expect(made.json()).toMatchObject({
    owner: "ours",
    state: "active",
    userId: "Meadow files <files@example.com>",
    canEncrypt: true,
    canSign: true,
    addedBy: "admin of the test",
    retired: null,
    warnings: [],
  });
  const { fingerprint, expiresAt } = made.json();
  expect(fingerprint).toMatch(/^[0-9A-F]{40}$/);
  expect(Math.round((Date.parse(expiresAt) - Date.now()) / 86_400_000)).toBe(60);

  const list = await call("GET", "");
  expect(list.json()).toMatchObject({ keys: [{ fingerprint }], warnings: [] });
  const exported = await call("GET", `/${fingerprint.toLowerCase()}/public`);
  expect(exported.headers["content-type"]).toBe("text/plain; charset=utf-8");
  expect(exported.headers["content-disposition"]).toMatch(/^attachment; filename="spring-made-ours-[0-9A-F]{16}\.asc"/);
  expect(exported.body).toMatch(/^-----BEGIN PGP PUBLIC KEY BLOCK-----/);

  const { ours } = await readKeys();
  expect(ours.active).toMatch(/^-----BEGIN PGP PRIVATE KEY BLOCK-----/);
  expect(ours.all).toEqual([ours.active]);
  const stored = await everythingStored();
  const secretLines = linesOf(ours.active!).filter((line) => !exported.body.includes(line));
  expect(secretLines.length).toBeGreaterThan(3);
  for (const text of [stored, made.body, list.body, exported.body]) {
    expect(text).not.toContain("PRIVATE KEY");
    for (const line of secretLines) expect(text).not.toContain(line);
  }
  const [row] = await hub.sql<{ sealed: Buffer }>`SELECT sealed FROM inlet.pgp_keys WHERE project_id = ${projectId}`;
  expect(row!.sealed.includes("PRIVATE")).toBe(false);
  expect(unseal(hub.key, row!.sealed, pgpKeyContext(clientId)).toString()).toBe(ours.active);
  expect(() => unseal(hub.key, row!.sealed, pgpKeyContext(clientId + 1))).toThrow();

  const again = await call("POST", "");
  expect(again.statusCode).toBe(409);
  expect(again.json().code).toBe("key_active");
  expect((await call("POST", "", { expiresInDays: 0 })).statusCode).toBe(400);
});

test("a rotation makes a new active key; the old one is retired, and still opens what comes", async () => {
  const { call, readKeys } = await givenKeys("rotated");
  expect((await call("POST", "/rotate")).json().code).toBe("no_active_key");
  const first = (await call("POST", "")).json().fingerprint;
  const before = await readKeys();
  const rotated = (await call("POST", "/rotate")).json();
  expect(rotated).toMatchObject({ state: "active", retired: first });
  const { keys } = (await call("GET", "")).json();
  expect(keys.map(({ fingerprint, state }: { fingerprint: string; state: string }) => [fingerprint, state])).toEqual([
    [rotated.fingerprint, "active"],
    [first, "retired"],
  ]);
  const after = await readKeys();
  expect(after.ours.all).toEqual([after.ours.active, before.ours.active]);
});

/** Calls that change a project's key, all of them under way before the first one can end. */
async function heldUp<T>(projectId: number, begin: () => Promise<T>): Promise<T> {
  const holder = await hub.database.pool.connect();
  try {
    await holder.query("BEGIN");
    await holder.query("SELECT 1 FROM inlet.pgp_keys WHERE project_id = $1 FOR UPDATE", [projectId]);
    const ended = begin();
    // Outside of the transaction, which would go on seeing the sessions as they were.
    const waiting = async () =>
      (await hub.sql`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'`).length === 3;
    await waitFor(waiting, { what: "three calls that wait", timeoutMs: 30_000 });
    await holder.query("COMMIT");
    return await ended;
  } finally {
    holder.release();
  }
}

test("of rotations at once exactly one key is active in the end, and none is lost", async () => {
  const { call, readKeys, projectId } = await givenKeys("raced");
  await call("POST", "");
  const answers = await heldUp(projectId, () =>
    Promise.all([call("POST", "/rotate"), call("POST", "/rotate"), call("POST", "/rotate")]),
  );
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201, 201]);
  const states = await hub.sql<{ state: string }>`
    SELECT state FROM inlet.pgp_keys WHERE project_id = ${projectId} ORDER BY state`;
  expect(states.map(({ state }) => state)).toEqual(["active", "retired", "retired", "retired"]);
  expect(new Set(answers.map((answer) => answer.json().retired)).size).toBe(3);
  expect((await readKeys()).ours.all).toHaveLength(4);
});

test("of two first keys made at once one is refused, and nothing of it is kept", async () => {
  const { call, projectId } = await givenKeys("first");
  const both = await Promise.all([call("POST", ""), call("POST", "")]);
  expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([201, 409]);
  expect(await hub.sql`SELECT state FROM inlet.pgp_keys WHERE project_id = ${projectId}`).toEqual([
    { state: "active" },
  ]);
});

test("the client's public keys are imported, several may be active, and a retired one is not used", async () => {
  const { call, readKeys } = await givenKeys("theirs");
  const [ana, bo] = [await theirKey("Ana"), await theirKey("Bo")];
  const armored = await call("POST", "/import", { owner: "theirs", key: ana.publicKey });
  expect(armored.statusCode).toBe(201);
  expect(armored.json()).toMatchObject({ owner: "theirs", userId: "Ana <ana@example.com>", retired: null });
  const base64 = linesOf(bo.publicKey).length;
  expect(base64).toBeGreaterThan(0);
  const binary = Buffer.from(bo.publicKey.replace(/-----[^-]+-----|^[A-Za-z]+: .*$|^=.{4}$/gm, ""), "base64");
  const asBytes = await call("POST", "/import", { owner: "theirs", key: binary.toString("base64") });
  expect(asBytes.json()).toMatchObject({ userId: "Bo <ana@example.com>" });

  const both = await readKeys();
  expect([both.theirs.encryption.length, both.theirs.verification.length]).toEqual([2, 2]);
  const { fingerprint } = armored.json();
  const retired = await call("DELETE", `/${fingerprint}`);
  expect(retired.json()).toEqual({ owner: "theirs", fingerprint, removed: "retired" });
  const one = await readKeys();
  expect(one.theirs.encryption).toHaveLength(1);
  expect(one.theirs.verification).toEqual(one.theirs.encryption);
  // Sent again, it is back.
  expect((await call("POST", "/import", { owner: "theirs", key: ana.publicKey })).json().state).toBe("active");
  expect((await readKeys()).theirs.encryption).toHaveLength(2);
  expect((await call("GET", "")).json().keys).toHaveLength(2);
});

test("an expired key of the client's encrypts no more; signatures are still held against it, so that they can be called expired", async () => {
  const { call, readKeys, projectId } = await givenKeys("expired");
  await call("POST", "/import", { owner: "theirs", key: (await theirKey()).publicKey });
  await hub.sql`UPDATE inlet.pgp_keys SET expires_at = now() - interval '1 minute' WHERE project_id = ${projectId}`;
  const { theirs } = await readKeys();
  expect([theirs.encryption.length, theirs.verification.length]).toEqual([0, 1]);
  expect((await call("GET", "")).json().keys[0].warnings).toEqual([
    expect.stringMatching(/^Expired on \d{4}-\d\d-\d\d: ask the client for its new public key/),
  ]);
  // Counted as the e-mail that warns of it counts: a key that was made for ten days has ten.
  for (const [left, words] of [
    ["12 days", /^Expires in 12 days, on/],
    ["25 hours", /^Expires in 2 days, on/],
    ["23 hours", /^Expires within a day, on/],
  ] as const) {
    await hub.sql`UPDATE inlet.pgp_keys SET expires_at = now() + ${left}::interval WHERE project_id = ${projectId}`;
    expect((await call("GET", "")).json().keys[0].warnings).toEqual([expect.stringMatching(words)]);
  }
});

test.each(["theirs", "ours"] as const)(
  "a private key that is sent as %s where it does not belong leaves no trace",
  async (owner) => {
    const { call, projectId } = await givenKeys(`refused_${owner}`);
    const { privateKey, publicKey } = await theirKey();
    const sent = owner === "theirs" ? privateKey : publicKey;
    for (const key of owner === "theirs" ? [sent, `${publicKey}\n${privateKey}`] : [sent]) {
      const refused = await call("POST", "/import", { owner, key });
      expect(refused.statusCode).toBe(400);
      expect(refused.json().code).toBe(owner === "theirs" ? "key_private" : "key_public");
    }
    expect(await hub.sql`SELECT 1 FROM inlet.pgp_keys WHERE project_id = ${projectId}`).toEqual([]);
    const stored = await everythingStored();
    for (const line of linesOf(sent)) expect(stored).not.toContain(line);
  },
);

test("a private key of ours is imported, in place of the active one only when that is said", async () => {
  const { call, readKeys } = await givenKeys("imported");
  const { privateKey } = await generatePgpKey({ userId: { name: "Elsewhere", email: "" }, expiresInDays: 100 });
  const first = await call("POST", "/import", { owner: "ours", key: privateKey });
  expect(first.statusCode).toBe(201);
  // The same again is no second one.
  expect((await call("POST", "/import", { owner: "ours", key: privateKey })).json()).toMatchObject({ retired: null });
  const other = await generatePgpKey({ userId: { name: "Other", email: "" }, expiresInDays: 100 });
  const refused = await call("POST", "/import", { owner: "ours", key: other.privateKey });
  expect(refused.json().code).toBe("key_active");
  expect((await readKeys()).ours.all).toHaveLength(1);
  const replaced = await call("POST", "/import", { owner: "ours", key: other.privateKey, replace: true });
  expect(replaced.json()).toMatchObject({ retired: first.json().fingerprint });
  expect((await readKeys()).ours.all).toHaveLength(2);
  // Ours is not theirs.
  const returned = await call("POST", "/import", { owner: "theirs", key: other.publicKey });
  expect(returned.json().code).toBe("key_of_other_owner");
});

test("only a retired key of ours is deleted, and with a reason, which the audit keeps", async () => {
  const { call, projectId } = await givenKeys("deleted");
  const first = (await call("POST", "")).json().fingerprint;
  expect((await call("DELETE", `/${first}?reason=x`)).json().code).toBe("key_active");
  const second = (await call("POST", "/rotate")).json().fingerprint;
  expect((await call("DELETE", `/${first}`)).json().code).toBe("reason_missing");
  const deleted = await call("DELETE", `/${first}?reason=the%20laptop%20was%20stolen`);
  expect(deleted.json()).toEqual({ owner: "ours", fingerprint: first, removed: "deleted" });
  expect((await call("DELETE", `/${first}?reason=x`)).json().code).toBe("key_not_found");
  expect(await hub.sql`SELECT fingerprint FROM inlet.pgp_keys WHERE project_id = ${projectId}`).toEqual([
    { fingerprint: second },
  ]);
  const audit = await hub.sql<{ action: string; reason: string | null }>`
    SELECT action, detail->>'reason' AS reason FROM inlet.audit WHERE path = 'spring/deleted' ORDER BY id`;
  expect(audit).toEqual([
    { action: "pgp-key.generate", reason: null },
    { action: "pgp-key.rotate", reason: null },
    { action: "pgp-key.delete", reason: "the laptop was stolen" },
  ]);
});

test("what is no key is refused with what it is", async () => {
  const { call } = await givenKeys("odd");
  for (const key of ["hello", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n", "aGVsbG8=", "id,name\n1,Ana\n"]) {
    const refused = await call("POST", "/import", { owner: "theirs", key });
    expect(refused.statusCode, key).toBe(400);
    expect(refused.json().detail, key).toMatch(/key/);
  }
  expect((await call("GET", "/abc/public")).statusCode).toBe(400);
  expect((await call("GET", `/${"a".repeat(40)}/public`)).json().code).toBe("key_not_found");
});

test("everyone of the client lists and exports; only an admin changes; others cannot tell whether it is there", async () => {
  const { base, call } = await givenKeys("roles");
  await givenProject(hub.database, "iris", "sales");
  const { fingerprint } = (await call("POST", "")).json();
  for (const role of ["viewer", "operator", "client"] as const) {
    const [own, other] = [await hub.as(role, "spring"), await hub.as(role, "iris")];
    for (const path of ["", `/${fingerprint}/public`]) {
      expect((await hub.app.inject({ url: base + path, headers: own })).statusCode).toBe(200);
      const hidden = await hub.app.inject({ url: base + path, headers: other });
      expect([hidden.statusCode, hidden.json().code]).toEqual([404, "project_not_found"]);
    }
    for (const [method, path] of [
      ["POST", ""],
      ["POST", "/rotate"],
      ["POST", "/import"],
      ["DELETE", `/${fingerprint}`],
    ] as const) {
      const refused = await hub.app.inject({ method, url: base + path, headers: own, payload: {} });
      expect(refused.json().code, `${role} ${method} ${path}`).toBe("not_allowed");
    }
  }
  expect((await call("GET", "")).json().keys).toHaveLength(1);
});

test("a profile that needs keys or secrets which are not there is applied with warnings that say what to do", async () => {
  const { call } = await givenKeys("strict");
  const profile = buildProfile({
    client: "spring",
    project: "strict",
    incoming: { pgp: "require", signature: "require", zip: { password: "zip_password" } },
    delivery: { to: "downloads", wrap: { as: "pgp" } },
    email: {
      senders: ["ana@example.com"],
      mailbox: { host: "imap.example.com", username: "in", secret: "mailbox", trustedServer: "mx.example.com" },
    },
  });
  const apply = async (changes: object = {}) => {
    const url = "/v1/clients/spring/projects/strict/profile";
    const applied = await hub.app.inject({ method: "PUT", url, headers: admin, payload: { ...profile, ...changes } });
    expect(applied.statusCode, applied.body).toBe(200);
    return applied.json().warnings;
  };
  const secrets = [
    "The secret zip_password is not stored yet: inlet secret set spring zip_password",
    "The secret mailbox is not stored yet: inlet secret set spring mailbox",
  ];
  const ours =
    "There is no valid OpenPGP key of ours: the client cannot encrypt its files, and results cannot be signed. " +
    "Make one: inlet keys generate --project spring/strict";
  const theirs =
    "There is no valid OpenPGP key of the client's: signatures cannot be verified, and results cannot be encrypted. " +
    "Import one: inlet keys import FILE --project spring/strict";
  expect(await apply()).toEqual([...secrets, ours, theirs]);
  expect((await call("GET", "")).json().warnings).toEqual([ours, theirs]);
  expect(await apply({ delivery: { to: "downloads", wrap: { as: "zip", password: "wrap_password" } } })).toContain(
    "The secret wrap_password is not stored yet: inlet secret set spring wrap_password",
  );
  await apply();
  await call("POST", "");
  expect(await apply()).toEqual([...secrets, theirs]);
  await call("POST", "/import", { owner: "theirs", key: (await theirKey()).publicKey });
  expect(await apply()).toEqual(secrets);
  await hub.sql`UPDATE inlet.pgp_keys SET expires_at = now() WHERE owner = 'theirs'`;
  expect(await apply()).toEqual([...secrets, theirs]);
});
