import { readFile } from "node:fs/promises";
import { type ApiClient, openClient as openApi } from "@inlet/client";
import type { ChangeEvent } from "@inlet/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Hub, openHub, waitFor } from "../fixtures/hub.ts";
import { buildProfile, buildTable } from "../fixtures/profile.ts";
import { live } from "../fixtures/reception.ts";

/** Following a file from outside: its changes as they happen, what services logged of it, and its file taken again. */

let hub: Hub;
let api: ApiClient;
const listening = new AbortController();
const told: ChangeEvent[] = [];

beforeAll(async () => {
  hub = await openHub({ services: ["watcher", "validator", "importer", "api"] });
  const key = await waitFor(
    () => readFile(hub.stack.adminKeyFile, "utf8").catch(() => undefined),
    "the first admin key",
  );
  api = openApi({ url: hub.stack.apiUrl, key: key.trim() });
});
afterAll(async () => {
  listening.abort();
  await hub?.stop();
});

test("a rejected file is followed live, read up in the log, and received again under a profile that takes it", async () => {
  const { links: _none, ...profile } = buildProfile({ tables: [buildTable({ mode: "replace", key: ["id"] })] });
  await live(hub.database, profile);
  const followed = follow();
  await waitFor(async () => told.some(({ event }) => event === "ready"), "the stream");
  const body = new Blob(["id,name,amount\n1,Ada,1.50\n2,Bob,not known\n"]);
  const { arrivalId } = await api.upload({
    ...{ client: "acme", project: "spring", name: "rows-2026-11-20.csv", sizeBytes: body.size, body: body.stream() },
  });
  const first = await waitFor(async () => (await api.arrival(arrivalId)).batchId ?? undefined, "the batch");
  await waitFor(async () => standing(first).includes("rejected"), "the end, told live");

  const [rows] = profile.tables;
  const columns = rows!.columns.map((column) => (column.name === "amount" ? { name: "amount" } : column));
  await api.applyProfile({ ...profile, tables: [{ ...rows!, columns }] });
  const again = await api.rerun(first);
  expect(again).toMatchObject({ rerunOf: first, profileVersion: 2 });
  await waitFor(async () => standing(again.id).includes("completed"), "the end of the re-run, told live");
  expect((await api.batch(again.id)).counts.imported).toBe(2);
  const { rows: imported } = await hub.database.pool.query("SELECT amount FROM client_acme.spring__rows ORDER BY id");
  expect(imported).toEqual([{ amount: "1.50" }, { amount: "not known" }]);
  // The rows are there: whoever wants them once more says why.
  await expect(api.rerun(again.id)).rejects.toMatchObject({ code: "reason_missing" });

  const lines = await waitFor(async () => {
    const { lines } = await api.batchLog(again.id);
    return lines.some(({ service }) => service === "importer") && lines;
  }, "the log");
  expect(lines.map(({ service, message }) => `${service}: ${message}`)).toEqual(
    expect.arrayContaining(["api: stored file received again", "validator: step done", "importer: step done"]),
  );
  expect(lines.find(({ service }) => service === "importer")!.facts).toMatchObject({ step: "import", imported: 2 });
  const ofFirst = (await api.batchLog(first)).lines.map(({ service, message }) => `${service}: ${message}`);
  expect(ofFirst).toContain("watcher: arrivals received");
  listening.abort();
  await followed;
});

/** How a batch stood, as the stream has told it, in that order. */
const standing = (batchId: number) =>
  told
    .flatMap((each) => (each.event === "batches" ? each.data : []))
    .flatMap(({ id, status }) => (id === batchId ? [status] : []));

async function follow(): Promise<void> {
  for await (const event of api.changes({ client: "acme" }, { signal: listening.signal })) told.push(event);
}
