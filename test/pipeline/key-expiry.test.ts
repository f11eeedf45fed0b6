import { messagePayloadSchema } from "@inlet/contracts";
import { type Database, openDatabase, putPgpKey, retirePgpKey } from "@inlet/database";
import { warnOfExpiringKeys } from "@inlet/pipeline";
import { openTestStack, waitFor } from "@inlet/stack";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { buildProfile } from "../fixtures/profile.ts";
import { live } from "../fixtures/reception.ts";

const DAY_MS = 24 * 60 * 60_000;

let stack: Awaited<ReturnType<typeof openTestStack>>;
let database: Database;
let projectId: number;
let projects = 0;

beforeAll(async () => {
  stack = await openTestStack({ services: ["watcher"] });
  database = openDatabase(stack.databaseUrl, { applicationName: "test" });
});
afterAll(async () => {
  await database?.close();
  await stack?.stop();
});
beforeEach(async () => {
  await database.pool.query("DELETE FROM messages");
  await database.pool.query("DELETE FROM pgp_keys");
  projects += 1;
  const notify = { recipients: ["ana@example.com", "Bo@example.com"] };
  const project = await live(database, buildProfile({ project: `keys_${projects}`, title: "Spring", notify }));
  ({ projectId } = project);
});

let keys = 0;

async function givenKey(
  leftMs: number | null,
  owner: "ours" | "theirs" = "theirs",
  fingerprint = nextFingerprint(),
  { canEncrypt = true } = {},
) {
  return await putPgpKey(database, {
    projectId,
    owner,
    fingerprint,
    userId: "Files <files@example.com>",
    algorithm: "ed25519",
    publicKey: "armour",
    sealed: owner === "ours" ? Buffer.from("sealed") : null,
    canEncrypt,
    canSign: true,
    createdAt: new Date(),
    expiresAt: leftMs === null ? null : new Date(Date.now() + leftMs),
    addedBy: "test",
  });
}

function nextFingerprint(): string {
  keys += 1;
  return keys.toString(16).toUpperCase().padStart(40, "0");
}

async function written(): Promise<{ key: string; recipient: string; payload: unknown; projectId: number }[]> {
  const { rows } = await database.pool.query(
    `SELECT key, recipient, payload, project_id AS "projectId" FROM messages ORDER BY id`,
  );
  return rows;
}

test("each recipient is told once of a key that expires within 30 days, however often it is looked", async () => {
  const key = await givenKey(29 * DAY_MS, "ours");
  await givenKey(31 * DAY_MS);
  await givenKey(null);
  const due = await warnOfExpiringKeys(database);
  expect(due).toHaveLength(2);
  const messages = await written();
  expect(messages.map(({ recipient }) => recipient)).toEqual(["ana@example.com", "Bo@example.com"]);
  for (const message of messages) {
    expect(message.projectId).toBe(projectId);
    expect(messagePayloadSchema.parse(message.payload)).toMatchObject({
      event: "key_expires",
      project: `keys_${projects}`,
      title: "Spring",
      owner: "ours",
      fingerprint: key.fingerprint,
      userId: "Files <files@example.com>",
      expiresAt: key.expiresAt!.toISOString(),
    });
  }
  expect(await warnOfExpiringKeys(database)).toEqual([]);
  expect(await written()).toHaveLength(2);
});

test.each<[string, (number | null)[], boolean]>([
  ["none", [], false],
  ["one that ends sooner", [2], false],
  ["one that ends later", [40], true],
  ["one that never ends", [null], true],
])("a warning says whether another key can encrypt: %s", async (_, others, expected) => {
  const signing = await givenKey(4 * DAY_MS, "theirs", nextFingerprint(), { canEncrypt: false });
  const both = await givenKey(5 * DAY_MS);
  await givenKey(null, "ours");
  for (const days of others) await givenKey(days && days * DAY_MS);
  await warnOfExpiringKeys(database);
  const payloads = (await written()).map(({ payload }) => payload as { fingerprint: string });
  const told = (fingerprint: string) => payloads.find((each) => each.fingerprint === fingerprint);
  expect(told(both.fingerprint)).toMatchObject({ canEncrypt: true, canSign: true, hasOtherEncryptionKey: expected });
  expect(told(signing.fingerprint)).toMatchObject({ canEncrypt: false, canSign: true, hasOtherEncryptionKey: true });
});

test("two looks at once write each warning once", async () => {
  await givenKey(3 * DAY_MS);
  const both = await Promise.all([warnOfExpiringKeys(database), warnOfExpiringKeys(database)]);
  expect(both.flat()).toHaveLength(2);
  expect(await written()).toHaveLength(2);
});

test("the nearer the expiry, the next warning: 30, 7 and 1 day before, and at the expiry", async () => {
  const { expiresAt } = await givenKey(60 * DAY_MS);
  const told: (string | undefined)[] = [];
  for (const days of [31, 30, 8, 7, 2, 1, 0.5, 0, -9]) {
    const before = (await written()).length;
    await warnOfExpiringKeys(database, new Date(expiresAt!.getTime() - days * DAY_MS));
    told.push((await written())[before]?.key.split(":")[3]);
  }
  expect(told).toEqual([undefined, "30", undefined, "7", undefined, "1", undefined, "0", undefined]);
});

test("a key that comes late to the list gets the warning that is due, and not those that are past", async () => {
  await givenKey(DAY_MS / 12);
  await warnOfExpiringKeys(database);
  expect((await written()).map(({ key }) => key.split(":")[3])).toEqual(["1", "1"]);
});

test("a key that got a later expiry is warned of again when that comes; a retired one never", async () => {
  const { fingerprint } = await givenKey(5 * DAY_MS);
  await warnOfExpiringKeys(database);
  await givenKey(400 * DAY_MS, "theirs", fingerprint);
  expect(await warnOfExpiringKeys(database)).toEqual([]);
  const { id } = await givenKey(4 * DAY_MS, "theirs", fingerprint);
  expect(await warnOfExpiringKeys(database)).toHaveLength(2);
  await retirePgpKey(database, id);
  await database.pool.query("UPDATE pgp_keys SET expires_at = now()");
  expect(await warnOfExpiringKeys(database)).toEqual([]);
});

test("the watcher looks as soon as it starts", async () => {
  await stack.process("watcher").stop();
  await givenKey(3 * DAY_MS);
  await stack.process("watcher").start();
  await waitFor(async () => (await written()).length === 2, { what: "the warnings", timeoutMs: 30_000 });
});
