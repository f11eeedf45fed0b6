import type { BatchStatus } from "@inlet/contracts";
import { admitImport, claimCorrection, type Database, openDatabase, transaction } from "@inlet/database";
import { openPublisher, type Publisher, retryBatch } from "@inlet/pipeline";
import { createLogger } from "@inlet/runtime";
import { openTestStack } from "@inlet/stack";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { buildProfile } from "../fixtures/profile.ts";
import { live, receive } from "../fixtures/reception.ts";

/*
 * What a ZIP's files are to other files: their place in the order of imports, and when the ZIP counts as accepted. No worker
 * runs; the batches are put into the states that workers leave.
 */

let stack: Awaited<ReturnType<typeof openTestStack>>;
let database: Database;
let publisher: Publisher;
let project: Awaited<ReturnType<typeof live>>;
let number = 0;

beforeAll(async () => {
  stack = await openTestStack({ services: [] });
  database = openDatabase(stack.databaseUrl, { applicationName: "test" });
  publisher = openPublisher(stack.redisUrl, createLogger("test", "fatal"));
});
afterAll(async () => {
  await publisher?.close();
  await database?.close();
  await stack?.stop();
});
beforeEach(async () => {
  number += 1;
  project = await live(database, buildProfile({ client: `acme${number}` }));
});

const file = async (fileName: string, options: { table?: string | null; partOf?: number; bytes?: Buffer } = {}) =>
  await receive({ database, publisher }, project, { fileName, ...options });

async function end(batchId: number, status: BatchStatus): Promise<void> {
  await database.query.updateTable("batches").set({ status, ended_at: new Date() }).where("id", "=", batchId).execute();
  const state = status === "failed" ? "failed" : "done";
  await database.query.updateTable("steps").set({ state }).where("batch_id", "=", batchId).execute();
}

/** Its check is done, and its import waits. */
async function check(batchId: number): Promise<void> {
  await database.query.updateTable("steps").set({ state: "done" }).where("batch_id", "=", batchId).execute();
  await database.query
    .insertInto("steps")
    .values({ batch_id: batchId, client_id: project.clientId, kind: "import", lane: "small", state: "waiting" })
    .execute();
}

/** A ZIP of several files, taken apart: its parts get the bytes of their names. */
async function zip(fileName: string, names: readonly string[], between: () => Promise<unknown> = async () => {}) {
  const { batchId } = await file(fileName, { table: null, bytes: Buffer.from(`zip ${names}`) });
  await between();
  const parts: number[] = [];
  for (const name of names) {
    parts.push((await file(name, { partOf: batchId, bytes: Buffer.from(name) })).batchId);
  }
  await end(batchId, "unpacked");
  return { batchId, parts };
}

test("a ZIP's file waits for no file of an unknown table that arrived after the ZIP", async () => {
  let later = 0;
  const { parts } = await zip("a.zip", ["rows-1.csv", "rows-2.csv"], async () => {
    later = (await file("later.zip", { table: null })).batchId;
  });
  const own = await file("rows-3.csv");
  for (const id of [...parts, own.batchId]) await check(id);
  const admit = async () => {
    const admitted = await admitImport(database, { projectId: project.projectId, tableName: "rows" });
    const ids = admitted.map(({ stepId }) => stepId);
    const steps = await database.query
      .selectFrom("steps")
      .select("batch_id")
      .where("id", "in", [0, ...ids])
      .execute();
    return steps.map(({ batch_id }) => batch_id);
  };
  expect(await admit()).toEqual([parts[0]]);
  await end(parts[0]!, "completed");
  expect(await admit()).toEqual([parts[1]]);
  await end(parts[1]!, "completed");
  expect(await admit()).toEqual([]);
  await end(later, "failed");
  expect(await admit()).toEqual([own.batchId]);
});

test("a ZIP of which no file was accepted may come again under its name, and counts for nothing", async () => {
  const first = await zip("a.zip", ["rows-1.csv", "rows-2.csv"]);
  await end(first.parts[0]!, "rejected");
  await end(first.parts[1]!, "failed");
  const again = await file("A.zip", { table: null, bytes: Buffer.from("mended") });
  expect(again.refusal).toBeNull();
  await end(again.batchId, "rejected");

  // While a file of it is under way or was accepted, it is as any other.
  const second = await zip("b.zip", ["rows-3.csv", "rows-4.csv"]);
  await end(second.parts[0]!, "rejected");
  expect((await file("b.zip", { table: null, bytes: Buffer.from("b2") })).refusal).toMatchObject({
    code: "duplicate_name",
  });
  await end(second.parts[1]!, "partial");
  expect((await file("b.zip", { table: null, bytes: Buffer.from("b3") })).refusal).toMatchObject({
    code: "duplicate_name",
  });
});

test("a file of a ZIP that was sent again is not retried beside the new one", async () => {
  const first = await zip("a.zip", ["rows-1.csv"]);
  await end(first.parts[0]!, "failed");
  const again = await zip("a.zip", ["rows-2.csv"]);
  const retry = () => retryBatch(database, publisher, { batchId: first.parts[0]!, actor: "test" });
  await expect(retry()).rejects.toMatchObject({ code: "sent_again" });
  // What came to nothing is in nobody's way.
  await end(again.parts[0]!, "rejected");
  await retry();
});

test("a file of a ZIP that was sent again is not corrected beside the new one", async () => {
  const [corrects] = (await zip("a.zip", ["rows-1.csv"])).parts as [number];
  await end(corrects, "rejected");
  const again = await zip("a.zip", ["rows-2.csv"]);
  const { batchId } = await file("rows-1.errors.csv");
  const claim = () => transaction(database, (tx) => claimCorrection(tx, { batchId, corrects, byName: true }));
  expect(await claim()).toEqual({ claimed: false, by: again.batchId });
  await end(again.parts[0]!, "rejected");
  expect(await claim()).toEqual({ claimed: true });
  // A recipient was forgotten since the mended file was looked at.
  await database.pool.query("UPDATE batches SET forgotten_at = now() WHERE id = $1", [corrects]);
  expect(await claim()).toEqual({ claimed: false, isForgotten: true });
});
