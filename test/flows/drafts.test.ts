import { readFile } from "node:fs/promises";
import { type ApiClient, openClient as openApi } from "@inlet/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Hub, openHub, waitFor } from "../fixtures/hub.ts";
import { buildProfile, buildTable } from "../fixtures/profile.ts";
import { live } from "../fixtures/reception.ts";

/** A file that is looked at and mended before it is submitted, the whole way into the client's table. */

let hub: Hub;
let api: ApiClient;
beforeAll(async () => {
  hub = await openHub({ services: ["watcher", "validator", "importer", "api"] });
  const key = await waitFor(
    () => readFile(hub.stack.adminKeyFile, "utf8").catch(() => undefined),
    "the first admin key",
  );
  api = openApi({ url: hub.stack.apiUrl, key: key.trim() });
});
afterAll(() => hub?.stop());

test("a wrong file under any name is mended, mapped and submitted, and its batch tells of it", async () => {
  const { links: _none, ...profile } = buildProfile({
    client: "acme",
    project: "spring",
    tables: [buildTable({ files: ["rows.csv"] }), buildTable({ name: "others", files: ["others.csv"] })],
  });
  await live(hub.database, profile);
  const content = new Blob(["id,Who,amount\r\n1,Ada,1.50\r\nzwei,Bob,2.00\r\n"]);
  const { id } = await api.beginDraft("acme", "spring", {
    ...{ fileName: "whatever 2026.csv", sizeBytes: content.size, table: "rows" },
  });
  await api.sendDraftContent(id, content);
  const checked = () =>
    waitFor(async () => {
      const draft = await api.draft(id);
      return draft.state === "checked" && draft;
    }, "the check");
  expect((await checked()).check).toMatchObject({ canSubmit: false, missing: ["name"] });
  await api.draftMapping(id, { columns: [{ index: 1, column: "name" }], remember: true });
  await checked();
  await api.editDraft(id, { edits: [{ record: 2, columnIndex: 0, value: "2" }] });
  expect((await checked()).check).toMatchObject({ canSubmit: true });
  const { arrivalId, profileVersion } = await api.submitDraft(id);
  expect(profileVersion).toBe(2);
  const batch = await waitFor(async () => {
    const { batchId } = await api.arrival(arrivalId);
    const found = batchId === null ? undefined : await api.batch(batchId);
    return found?.endedAt ? found : undefined;
  }, "the batch");
  expect(batch).toMatchObject({ status: "completed", table: "rows", profileVersion: 2, counts: { imported: 2 } });
  expect(batch.timeline.map(({ event }) => event)).toEqual(expect.arrayContaining(["mapped", "mended", "received"]));
  const { rows } = await hub.database.pool.query("SELECT id, name FROM client_acme.spring__rows ORDER BY id");
  expect(rows).toEqual([
    { id: 1, name: "Ada" },
    { id: 2, name: "Bob" },
  ]);
  expect((await api.draft(id)).submitted).toEqual({ arrivalId, batchId: batch.id });
});
