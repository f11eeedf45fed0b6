import { createHash, randomBytes } from "node:crypto";
import { readdir, utimes, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { assetFile, claimAsset, finishAsset, refuseAsset, transaction } from "@inlet/database";
import { waitFor } from "@inlet/stack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { givenProject, openTestHub, type TestHub } from "../testing/hub.ts";
import { A_FILE, buildStoryboard, makeReady } from "../testing/storyboards.ts";
import { sweepAssets } from "./asset-sweep.ts";

let hub: TestHub;
let admin: { authorization: string };
let url: string;
const AT = "/v1/clients/spring/projects/video";

beforeAll(async () => {
  hub = await openTestHub();
  await givenProject(hub.database, "spring", "video");
  admin = await hub.as("admin");
  url = await hub.app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => hub?.close());

const folder = () => join(hub.dataFolder, "blobs/spring/assets");
const filesLeft = async () => (await readdir(folder()).catch(() => [])).sort();

async function upload(name: string, body: NonNullable<RequestInit["body"]>, headers: Record<string, string> = {}) {
  const init = { method: "POST", headers: { ...admin, ...headers }, body, duplex: "half" } as RequestInit;
  const response = await fetch(`${url}${AT}/assets?name=${name}`, init);
  return { status: response.status, body: JSON.parse(await response.text()) };
}

async function ask(method: "GET" | "PUT" | "POST" | "DELETE", rest: string, payload?: object) {
  const response = await hub.app.inject({
    method,
    url: `${AT}${rest}`,
    headers: admin,
    ...(payload ? { payload } : {}),
  });
  return { status: response.statusCode, body: response.body === "" ? null : response.json() };
}

const ready = (assetId: number, bytes: Buffer) => makeReady(hub, { assetId, client: "spring", bytes });

test("an upload is an asset once it was made anew, and what is handed out is what it became", async () => {
  const bytes = randomBytes(700_000);
  const sent = await upload("cake.webp", bytes, { "content-type": "image/png" });
  expect(sent.status).toBe(202);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  expect(sent.body).toMatchObject({
    ...{ name: "cake.webp", state: "processing", file: null, refusal: null, replaces: false, usedIn: [] },
    upload: { name: "cake.webp", sizeBytes: 700_000, sha256 },
  });
  const { id } = sent.body;
  expect((await hub.publisher.depths()).find(({ queue }) => queue === "remake")?.waiting).toBe(1);
  const made = Buffer.from("what it became");
  const became = await ready(id, made);
  const shown = await ask("GET", `/assets/${id}`);
  expect(shown.body).toMatchObject({ state: "ready", file: { kind: "image", sha256: became, width: 4, height: 3 } });
  // The upload itself is nobody's to fetch.
  expect((await fetch(`${url}${AT}/asset-files/${sha256}`, { headers: admin })).status).toBe(404);
  const whole = await fetch(`${url}${AT}/asset-files/${became}`, { headers: admin });
  expect(await whole.text()).toBe("what it became");
  expect(whole.headers.get("content-type")).toBe("image/webp");
  expect(whole.headers.get("cache-control")).toBe("private, max-age=31536000, immutable");
  const part = await fetch(`${url}${AT}/asset-files/${became}`, { headers: { ...admin, range: "bytes=5-6" } });
  expect([part.status, await part.text(), part.headers.get("content-range")]).toEqual([206, "it", "bytes 5-6/14"]);
  const beyond = await fetch(`${url}${AT}/asset-files/${became}`, { headers: { ...admin, range: "bytes=14-" } });
  expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */14"]);
  const known = { ...admin, "if-none-match": `"${became}"` };
  expect((await fetch(`${url}${AT}/asset-files/${became}`, { headers: known })).status).toBe(304);
  const audit = await hub.sql`SELECT action, path FROM inlet.audit WHERE action LIKE 'asset.%'`;
  expect(audit).toEqual([{ action: "asset.upload", path: "spring/video/cake.webp" }]);
});

test("a file stays in its place until the one that replaces it is ready; one that is refused says why", async () => {
  const first = (await upload("logo.webp", "one")).body;
  const before = await ready(first.id, Buffer.from("logo one"));
  const second = (await upload("logo.webp", "two")).body;
  expect(second).toMatchObject({ state: "processing", replaces: true });
  const both = (await ask("GET", "/assets")).body.assets.filter(({ name }: { name: string }) => name === "logo.webp");
  expect(both.map(({ id, state }: { id: number; state: string }) => [id, state])).toEqual([
    [first.id, "ready"],
    [second.id, "processing"],
  ]);
  const refusal = { code: "not_an_image", message: "two is neither an image, a video nor a sound." };
  await claimAsset(hub.database, { assetId: second.id, epoch: 1, worker: "test", leaseMs: 60_000 });
  expect(await refuseAsset(hub.database, { assetId: second.id, epoch: 1, refusal })).toBe(true);
  expect((await ask("GET", `/assets/${second.id}`)).body).toMatchObject({ state: "refused", refusal, replaces: true });

  const third = (await upload("logo.webp", "three")).body;
  // What is on its way is one: the refused one is told of no more.
  const fourth = (await upload("logo.webp", "four")).body;
  expect(await claimAsset(hub.database, { assetId: third.id, epoch: 1, worker: "test", leaseMs: 1 })).toBeUndefined();
  const after = await ready(fourth.id, Buffer.from("logo four"));
  const now = (await ask("GET", "/assets")).body.assets.filter(({ name }: { name: string }) => name === "logo.webp");
  expect(now).toMatchObject([{ id: fourth.id, state: "ready", file: { sha256: after } }]);
  // Pages that were opened before go on showing the first one.
  expect(await assetFile(hub.database, before)).toMatchObject({
    blobKey: `spring/assets/${before}`,
    mediaType: "image/webp",
  });
});

test("what the draft or the live version shows is not removed, and what is on its way is waited for", async () => {
  const { id } = (await upload("sky.webp", "sky")).body;
  const [scene] = buildStoryboard().scenes;
  const document = buildStoryboard({ scenes: [{ ...scene!, background: { asset: "sky.webp" } }] });
  const waiting = await ask("PUT", "/storyboard/draft", { document, revision: 0 });
  expect(waiting.body.problems).toContainEqual({
    path: ["scenes", 0, "background", "asset"],
    message: "sky.webp is still being made ready; that takes a few seconds",
    severity: "error",
  });
  expect((await ask("POST", "/storyboard/publish", { revision: 1 })).body.code).toBe("assets_not_ready");
  await ready(id, Buffer.from("sky"));
  expect((await ask("POST", "/storyboard/publish", { revision: 1 })).body).toMatchObject({ version: 1, live: true });
  expect((await ask("GET", `/assets/${id}`)).body.usedIn).toEqual(["draft", "live"]);
  const refused = await ask("DELETE", `/assets/${id}`);
  expect([refused.status, refused.body.code]).toEqual([409, "asset_in_use"]);
  expect(refused.body.detail).toMatch(/^The draft and the live version show sky\.webp\./);
  await ask("PUT", "/storyboard/draft", { document: buildStoryboard(), revision: 1 });
  expect((await ask("DELETE", `/assets/${id}`)).body.detail).toMatch(/^The live version shows sky\.webp\./);
  await ask("POST", "/storyboard/publish", { revision: 2 });
  expect((await ask("DELETE", `/assets/${id}`)).status).toBe(204);
  expect((await ask("DELETE", `/assets/${id}`)).body.code).toBe("asset_not_found");
  // The version before still has it: going back shows it.
  expect((await ask("GET", "/storyboard/versions/1")).body.assets).toMatchObject([{ name: "sky.webp" }]);
});

test("an upload that becomes ready while it is being removed stays where it is shown", async () => {
  const [scene] = buildStoryboard().scenes;
  const document = buildStoryboard({ scenes: [{ ...scene!, background: { asset: "race.webp" } }] });
  await ask("PUT", "/storyboard/draft", { document, revision: 2 });
  await ready((await upload("race.webp", "one")).body.id, Buffer.from("race one"));
  const { id } = (await upload("race.webp", "two")).body;
  const removal = await transaction(hub.database, async (tx) => {
    const ref = { assetId: id, epoch: 1 };
    await claimAsset(tx, { ...ref, worker: "test", leaseMs: 60_000 });
    await finishAsset(tx, { ...ref, made: { ...A_FILE, sha256: "7".repeat(64), sizeBytes: 1 } });
    const removing = ask("DELETE", `/assets/${id}`);
    const waiting = () => hub.sql`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'assets'`;
    await waitFor(async () => (await waiting()).length > 0, { what: "the removal to wait", timeoutMs: 20_000 });
    return { removing };
  });
  expect((await removal.removing).body.code).toBe("asset_in_use");
  const { assets } = (await ask("GET", "/assets")).body;
  expect(assets.filter(({ name }: { name: string }) => name === "race.webp")).toMatchObject([{ id, state: "ready" }]);
});

test("a ready storyboard takes the draft's place, with those of its files that the project has not", async () => {
  const { storyboards } = (await hub.app.inject({ url: "/v1/ready-storyboards", headers: admin })).json();
  const birthday = storyboards.find(({ name }: { name: string }) => name === "birthday");
  expect(birthday.columns).toContain("first_name");
  const [own, ...others] = birthday.assets.map(({ name }: { name: string }) => name);
  const file = await fetch(`${url}/v1/ready-storyboards/birthday/assets/${own}`, { headers: admin });
  expect(file.headers.get("content-type")).toBe("image/webp");
  expect((await file.arrayBuffer()).byteLength).toBe(birthday.assets[0].sizeBytes);

  const { id } = (await upload(own, "the project's own")).body;
  await ready(id, Buffer.from("own"));
  const { revision } = (await ask("GET", "/storyboard/draft")).body;
  const before = await filesLeft();
  const late = await ask("POST", "/storyboard/draft/ready", { name: "birthday", revision: revision - 1 });
  expect([late.status, await filesLeft()]).toEqual([409, before]);
  const begun = await ask("POST", "/storyboard/draft/ready", { name: "birthday", revision });
  expect(begun.body).toMatchObject({ revision: revision + 1, document: birthday.document, publishable: false });
  const { assets } = (await ask("GET", "/assets")).body;
  const states = Object.fromEntries(assets.map(({ name, state }: { name: string; state: string }) => [name, state]));
  expect(states).toMatchObject({
    [own]: "ready",
    ...Object.fromEntries(others.map((name: string) => [name, "processing"])),
  });
  expect((await ask("POST", "/storyboard/draft/ready", { name: "none", revision: 0 })).body.code).toBe(
    "ready_storyboard_not_found",
  );
});

test("what is too large, empty or of no lawful name is refused, and an upload that breaks off leaves nothing", async () => {
  const before = await filesLeft();
  const { hostname, port } = new URL(url);
  const head = `POST ${AT}/assets?name=cut.webp HTTP/1.1\r\nhost: x\r\nauthorization: ${admin.authorization}\r\n`;
  const socket = connect(Number(port), hostname);
  // More than the writer keeps in memory, so that there is a file.
  socket.write(`${head}content-length: 9000000\r\n\r\n${"x".repeat(2_000_000)}`);
  await waitFor(async () => (await filesLeft()).length > before.length, {
    what: "the upload to begin",
    timeoutMs: 20_000,
  });
  socket.destroy();
  await waitFor(async () => (await filesLeft()).length === before.length, {
    what: "its rest to go",
    timeoutMs: 20_000,
  });

  const announced = await hub.app.inject({
    method: "POST",
    url: `${AT}/assets?name=big.webp`,
    headers: { ...admin, "content-type": "video/mp4", "content-length": "100000001" },
  });
  expect([announced.statusCode, announced.json().code]).toEqual([413, "file_too_large"]);
  expect((await upload("empty.webp", "")).body.code).toBe("asset_empty");
  const [full] = await hub.sql<{ id: number }>`UPDATE inlet.assets SET size_bytes = 20000000000
    WHERE id = (SELECT id FROM inlet.assets WHERE state = 'ready' LIMIT 1) RETURNING id`;
  const crowded = await upload("one-more.webp", "x");
  expect([crowded.status, crowded.body.code]).toEqual([409, "assets_too_many"]);
  expect(crowded.body.detail).toMatch(/may take 20\.0 GB, and take 20\.0 GB/);
  await hub.sql`UPDATE inlet.assets SET size_bytes = 1 WHERE id = ${full!.id}`;
  for (const name of [".hidden", "a%2Fb.webp", "a%00b", "%C3%BC.webp", "x".repeat(101), ""]) {
    expect((await upload(name, "x")).status, name).toBe(400);
  }
  const refused = await hub.sql`ALTER TABLE inlet.assets ADD CONSTRAINT test_refuses CHECK (name <> 'refused.webp')`
    .then(() => upload("refused.webp", "x"))
    .finally(() => hub.sql`ALTER TABLE inlet.assets DROP CONSTRAINT test_refuses`);
  expect(refused.status).toBe(500);
  expect(await filesLeft()).toEqual(before);
});

test("what nothing shows any more goes after a day, and what a version shows stays", async () => {
  const swept = (await upload("swept.webp", "swept")).body;
  const twin = (await upload("twin.webp", "twin")).body;
  const gone = await ready(swept.id, Buffer.from("gone"));
  const shared = await ready(twin.id, Buffer.from("logo four"));
  for (const { id } of [swept, twin]) expect((await ask("DELETE", `/assets/${id}`)).status).toBe(204);
  await writeFile(join(folder(), "upload-left"), "x");
  await writeFile(join(folder(), ".unfinished"), "x");
  await writeFile(join(folder(), "upload-fresh"), "x");
  // Made for an asset that was withdrawn before it had it.
  const [nobodys, fresh] = ["a".repeat(64), "b".repeat(64)];
  for (const name of [nobodys, fresh]) await writeFile(join(folder(), name), "x");
  const yesterday = new Date(Date.now() - 25 * 3_600_000);
  const leftOvers = ["upload-left", ".unfinished", nobodys];
  for (const name of [...leftOvers, shared]) await utimes(join(folder(), name), yesterday, yesterday);
  const parts = { ...hub, dataFolder: hub.dataFolder };
  const before = await filesLeft();
  expect(before).toContain(gone);
  await sweepAssets(parts, new Date());
  expect(await filesLeft()).toEqual(before.filter((name) => !leftOvers.includes(name)));

  await hub.sql`UPDATE inlet.assets SET ended_at = ended_at - interval '25 hours', replaced_at = replaced_at - interval '25 hours'`;
  await sweepAssets(parts, new Date());
  const left = await filesLeft();
  expect(left).not.toContain(gone);
  // Another asset is of the same bytes.
  expect(left).toContain(shared);
  // Of uploads those stay that are still to be made anew, and one that may be just coming.
  const waiting = await hub.sql<{ key: string }>`SELECT upload_key AS key FROM inlet.assets WHERE state = 'processing'`;
  const uploads = waiting.map(({ key }) => key.split("/").at(-1)!);
  expect(left.filter((name) => name.startsWith("upload-"))).toEqual([...uploads, "upload-fresh"].sort());
  const names = await hub.sql<{ name: string }>`
    SELECT name FROM inlet.assets WHERE replaced_at IS NOT NULL ORDER BY name`;
  // Version 1 of the storyboard shows it.
  expect(names).toEqual([{ name: "sky.webp" }]);
  expect(left).toContain(createHash("sha256").update("sky").digest("hex"));
});
