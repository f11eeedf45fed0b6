import { createHash, randomBytes } from "node:crypto";
import { readdir, readlink } from "node:fs/promises";
import { get } from "node:http";
import type { AddressInfo } from "node:net";
import type { ArtifactKind } from "@inlet/contracts";
import { putArtifacts } from "@inlet/database";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { contentDisposition } from "../requests/content-disposition.ts";
import { givenBatch, givenProject, openTestHub, type TestHub } from "../testing/hub.ts";

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
  const statusOf = async (kind: string, headers: { authorization: string }) =>
    (await hub.app.inject({ url: `/v1/batches/${batchId}/artifacts/${kind}`, headers })).statusCode;
  expect(await statusOf("canonical", await hub.as("client", "spring"))).toBe(404);
  expect(await statusOf("canonical", await hub.as("operator"))).toBe(200);
  expect(await statusOf("errors", await hub.as("operator"))).toBe(404);
  expect(await statusOf("result", await hub.as("viewer"))).toBe(403);
  expect(await statusOf("everything", await hub.as("operator"))).toBe(400);
});

/** The stored files that this process holds open. */
async function openBlobs(): Promise<string[]> {
  const paths = (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ""));
  return (await Promise.all(paths)).filter((path) => path.startsWith(hub.dataFolder));
}

const waiting = { timeout: 30_000, interval: 10 };

test("a stored file is closed after it was sent, and when the receiver hangs up halfway or before the first byte", async () => {
  const headers = await hub.as("operator");
  await hub.app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = hub.app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/v1/batches/${batchId}/artifacts/canonical`;
  const connections = async () =>
    await new Promise<number>((resolve) => hub.app.server.getConnections((_error, count) => resolve(count)));

  expect((await (await fetch(url, { headers })).arrayBuffer()).byteLength).toBe(bytes.length);
  await vi.waitFor(async () => expect(await openBlobs()).toEqual([]), waiting);

  const halfway = get(url, { headers, agent: false }, (response) => response.once("readable", () => halfway.destroy()));
  await new Promise((resolve) => halfway.once("close", resolve));
  await vi.waitFor(async () => expect(await openBlobs()).toEqual([]), waiting);

  const audited = async () => (await hub.sql<{ n: number }>`SELECT count(*) AS n FROM inlet.audit`)[0]!.n;
  const before = await audited();
  const lock = await hub.database.pool.connect();
  try {
    await lock.query("BEGIN");
    await lock.query("LOCK TABLE inlet.audit IN SHARE MODE");
    const early = get(url, { headers, agent: false }).on("error", () => {});
    await vi.waitFor(async () => {
      const [row] = await hub.sql<{ n: number }>`SELECT count(*) AS n FROM pg_locks WHERE NOT granted`;
      expect(row!.n).toBe(1);
    }, waiting);
    const open = await connections();
    early.destroy();
    await vi.waitFor(async () => expect(await connections()).toBeLessThan(open), waiting);
    await lock.query("COMMIT");
  } finally {
    lock.release(true);
  }
  await vi.waitFor(async () => expect(await audited()).toBe(before + 1), waiting);
  await vi.waitFor(async () => expect(await openBlobs()).toEqual([]), waiting);
});

test.each([
  ["plain.csv", `attachment; filename="plain.csv"; filename*=UTF-8''plain.csv`],
  ['a"; x="b.csv', `attachment; filename="a_; x=_b.csv"; filename*=UTF-8''a%22%3B%20x%3D%22b.csv`],
  ["a\r\nset-cookie: b", `attachment; filename="a__set-cookie: b"; filename*=UTF-8''a%0D%0Aset-cookie%3A%20b`],
  ["50%'(1)*.csv", `attachment; filename="50_'(1)*.csv"; filename*=UTF-8''50%25%27%281%29%2A.csv`],
])("%j stays within its header", (name, expected) => {
  expect(contentDisposition(name)).toBe(expected);
});
