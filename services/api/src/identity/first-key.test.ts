import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestHub, type TestHub } from "../testing/hub.ts";
import { ensureFirstKey } from "./first-key.ts";

let hub: TestHub;
let folder: string;
beforeAll(async () => {
  hub = await openTestHub();
  folder = await mkdtemp(join(tmpdir(), "inlet-key-"));
});
afterAll(async () => {
  await hub?.close();
  await rm(folder, { recursive: true });
});

test("the first start makes one admin key and shows it once, also when two start at once", async () => {
  const logged: object[] = [];
  const log = (facts: object) => void logged.push(facts);
  const logger = { info: log, warn: log } as never;
  const keyFile = join(folder, "deep", "admin-key");
  await writeFile(join(folder, "file"), "");
  const unwritable = join(folder, "file", "admin-key");
  await expect(ensureFirstKey({ database: hub.database, logger, keyFile: unwritable })).rejects.toThrow(
    /API_ADMIN_KEY_FILE/,
  );
  expect(await hub.sql`SELECT 1 FROM api_keys`).toEqual([]);

  await Promise.all([1, 2].map(() => ensureFirstKey({ database: hub.database, logger, keyFile })));
  const key = (await readFile(keyFile, "utf8")).trim();
  expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
  const identity = await hub.app.inject({ url: "/v1/identity", headers: { authorization: `Bearer ${key}` } });
  expect(identity.json()).toMatchObject({ role: "admin", name: "first admin" });
  expect(JSON.stringify(logged)).not.toContain(key);
  expect(await hub.sql`SELECT role FROM api_keys`).toHaveLength(1);

  await ensureFirstKey({ database: hub.database, logger, keyFile });
  expect((await readFile(keyFile, "utf8")).trim()).toBe(key);
});

test("without a file the key is logged, once", async () => {
  await hub.sql`DELETE FROM api_keys`;
  const logged: { firstAdminKey?: string }[] = [];
  const logger = { info: () => {}, warn: (facts: object) => void logged.push(facts) } as never;
  await ensureFirstKey({ database: hub.database, logger, keyFile: undefined });
  await ensureFirstKey({ database: hub.database, logger, keyFile: undefined });
  expect(logged).toHaveLength(1);
  const headers = { authorization: `Bearer ${logged[0]!.firstAdminKey}` };
  expect((await hub.app.inject({ url: "/v1/identity", headers })).statusCode).toBe(200);
});
