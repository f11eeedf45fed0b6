import { createHash, randomBytes } from "node:crypto";
import type { ArtifactKind } from "@inlet/contracts";
import { putArtifacts } from "@inlet/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contentDisposition } from "./content-disposition.ts";
import { givenBatch, givenProject, openTestHub, type TestHub } from "./testing/hub.ts";

let hub: TestHub;
let batchId: number;
const bytes = randomBytes(3_000_000);

beforeAll(async () => {
  hub = await openTestHub();
  const spring = await givenProject(hub.database, "spring", "video");
  ({ batchId } = await givenBatch(hub.database, spring, "a.csv"));
  const store = async (kind: ArtifactKind, name: string) => {
    const stored = await hub.blobs.put(`spring/${batchId}/${kind}`, bytes);
    return { kind, name, blobKey: stored.key, sizeBytes: stored.sizeBytes, sha256: stored.sha256 };
  };
  const artifacts = [await store("result", 'PURL_"ü".csv'), await store("canonical", "canonical")];
  await putArtifacts(hub.database, { batchId, artifacts });
});
afterAll(() => hub?.close());

test("a stored file comes byte for byte, under its own name, as nothing that a browser would open", async () => {
  const headers = await hub.as("client", "spring");
  const response = await hub.app.inject({ url: `/v1/batches/${batchId}/artifacts/result`, headers });
  expect(response.statusCode).toBe(200);
  expect(response.rawPayload.equals(bytes)).toBe(true);
  expect(response.headers).toMatchObject({
    "content-type": "application/octet-stream",
    "content-length": String(bytes.length),
    "content-disposition": `attachment; filename="PURL____.csv"; filename*=UTF-8''PURL_%22%C3%BC%22.csv`,
    "repr-digest": `sha-256=:${createHash("sha256").update(bytes).digest("base64")}:`,
    "x-content-type-options": "nosniff",
  });
  const audit = await hub.sql`SELECT path, detail->>'kind' AS kind FROM audit WHERE action = 'artifact.download'`;
  expect(audit).toEqual([{ path: 'PURL_"ü".csv', kind: "result" }]);
});

test("the hub's own files are not for clients, and viewers get none", async () => {
  const get = async (kind: string, headers: { authorization: string }) =>
    (await hub.app.inject({ url: `/v1/batches/${batchId}/artifacts/${kind}`, headers })).statusCode;
  expect(await get("canonical", await hub.as("client", "spring"))).toBe(404);
  expect(await get("canonical", await hub.as("operator"))).toBe(200);
  expect(await get("errors", await hub.as("operator"))).toBe(404);
  expect(await get("result", await hub.as("viewer"))).toBe(403);
  expect(await get("everything", await hub.as("operator"))).toBe(400);
});

test.each([
  ["plain.csv", `attachment; filename="plain.csv"; filename*=UTF-8''plain.csv`],
  ['a"; x="b.csv', `attachment; filename="a_; x=_b.csv"; filename*=UTF-8''a%22%3B%20x%3D%22b.csv`],
  ["a\r\nset-cookie: b", `attachment; filename="a__set-cookie: b"; filename*=UTF-8''a%0D%0Aset-cookie%3A%20b`],
  ["50%'(1)*.csv", `attachment; filename="50_'(1)*.csv"; filename*=UTF-8''50%25%27%281%29%2A.csv`],
])("%j stays within its header", (name, expected) => {
  expect(contentDisposition(name)).toBe(expected);
});
