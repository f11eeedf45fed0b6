import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { waitFor } from "@inlet/stack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { givenProject, openTestHub, type TestHub } from "../testing/hub.ts";
import { sweepUploads } from "./upload-sweep.ts";

let hub: TestHub;
let client: { authorization: string };
let url: string;
const FILES = "/v1/clients/spring/projects/video/files";

beforeAll(async () => {
  hub = await openTestHub({ API_UPLOAD_BYTES: 3_000_000 });
  await givenProject(hub.database, "spring", "video");
  client = await hub.as("client", "spring");
  url = await hub.app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => hub?.close());

const upload = (query: string, body: NonNullable<RequestInit["body"]>, headers: Record<string, string> = {}) =>
  fetch(`${url}${FILES}?${query}`, {
    method: "POST",
    headers: { ...client, ...headers },
    body,
    duplex: "half",
  } as RequestInit).then(async (response) => ({ status: response.status, body: JSON.parse(await response.text()) }));

const filesLeft = () => readdir(join(hub.dataFolder, "uploads")).catch(() => []);

test("a file arrives byte for byte, with an arrival, a job and an audit line", async () => {
  const bytes = randomBytes(2_000_000);
  const sha256 = createHash("sha256").update(bytes).digest();
  const response = await upload("name=Kunden%20%C3%BC.csv&records=7", bytes, {
    "content-type": "application/json",
    "content-digest": `sha-256=:${sha256.toString("base64")}:`,
  });
  expect(response.status).toBe(202);
  const uploaded = response.body;
  expect(uploaded).toMatchObject({ fileName: "Kunden ü.csv", sizeBytes: bytes.length, sha256: sha256.toString("hex") });
  const [arrival] = await hub.sql<{ location: string }>`SELECT * FROM arrivals WHERE id = ${uploaded.arrivalId}`;
  expect(arrival).toMatchObject({
    source: "upload",
    file_name: "Kunden ü.csv",
    generation: 1,
    declared_records: 7,
    sha256,
  });
  expect(await readFile(join(hub.dataFolder, arrival!.location))).toEqual(bytes);
  expect((await hub.publisher.depths()).find(({ queue }) => queue === "arrive")?.waiting).toBe(1);
  const audit = await hub.sql`SELECT action, path FROM audit WHERE sha256 = ${sha256}`;
  expect(audit).toEqual([{ action: "file.upload", path: "spring/video/Kunden ü.csv" }]);

  const seen = await fetch(`${url}/v1/arrivals/${uploaded.arrivalId}`, { headers: client });
  expect(await seen.json()).toMatchObject({ state: "arrived", batchId: null, project: "video" });
});

test("the same name again is a second arrival, also when both come at once", async () => {
  const answers = await Promise.all([1, 2, 3].map(() => upload("name=twice.csv", "a,b\n").then(({ body }) => body)));
  expect(new Set(answers.map((answer) => answer.arrivalId)).size).toBe(3);
  const rows = await hub.sql<{
    generation: number;
  }>`SELECT generation FROM arrivals WHERE path = 'twice.csv' ORDER BY id`;
  expect(rows.map((row) => row.generation)).toEqual([1, 2, 3]);
});

test("an upload that breaks off leaves no file and no arrival", async () => {
  const before = await filesLeft();
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST ${FILES}?name=cut.csv HTTP/1.1\r\nhost: x\r\nauthorization: ${client.authorization}\r\ncontent-length: 1000\r\n\r\nhalf`,
  );
  await waitFor(async () => (await filesLeft()).length > before.length, {
    what: "the upload to begin",
    timeoutMs: 30_000,
  });
  socket.destroy();
  await waitFor(async () => (await filesLeft()).length === before.length, {
    what: "its rest to go",
    timeoutMs: 30_000,
  });
  expect(await hub.sql`SELECT 1 FROM arrivals WHERE path = 'cut.csv'`).toEqual([]);
});

test("what is too large, damaged on the way or of no lawful name is refused, and nothing of it is kept", async () => {
  const before = await filesLeft();
  const announced = await upload("name=big.csv", Buffer.alloc(3_000_001));
  expect([announced.status, announced.body.code]).toEqual([413, "file_too_large"]);
  const streamed = await upload("name=big.csv", new Blob([Buffer.alloc(3_000_001)]).stream());
  expect([streamed.status, streamed.body.code]).toEqual([413, "file_too_large"]);
  const digest = `sha-256=:${Buffer.alloc(32).toString("base64")}:`;
  const damaged = await upload("name=a.csv", "abc", { "content-digest": digest });
  expect(damaged.body.code).toBe("digest_differs");
  for (const name of ["../a.csv", "a%2Fb.csv", ".hidden", "a%00b", "a%5Cb", "x".repeat(256)]) {
    expect((await upload(`name=${name}`, "abc")).status, name).toBe(400);
  }
  expect((await upload("records=1", "abc")).status).toBe(400);
  expect(await filesLeft()).toEqual(before);
  expect(await hub.sql`SELECT 1 FROM arrivals WHERE path = 'big.csv'`).toEqual([]);
});

test("a file that PostgreSQL could not record is not kept", async () => {
  const before = await filesLeft();
  await hub.sql`ALTER TABLE arrivals ADD CONSTRAINT test_refuses CHECK (path <> 'refused.csv')`;
  expect((await upload("name=refused.csv", "abc")).status).toBe(500);
  expect(await filesLeft()).toEqual(before);
});

test("left-overs of a crash go after a day, and what an arrival names stays", async () => {
  const folder = join(hub.dataFolder, "uploads");
  await writeFile(join(folder, ".cut-off"), "x");
  await writeFile(join(folder, "unrecorded"), "x");
  await writeFile(join(folder, "fresh"), "x");
  const yesterday = new Date(Date.now() - 25 * 3_600_000);
  for (const name of await filesLeft()) if (name !== "fresh") await utimes(join(folder, name), yesterday, yesterday);
  const before = await filesLeft();
  expect(await sweepUploads(hub, new Date())).toBe(2);
  expect((await filesLeft()).sort()).toEqual(
    before.filter((name) => name !== ".cut-off" && name !== "unrecorded").sort(),
  );
});
