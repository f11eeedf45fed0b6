import { execFile } from "node:child_process";
import { readdir, rm, writeFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { type Blobs, openBlobs } from "@inlet/blobs";
import type { StoryboardInput } from "@inlet/contracts";
import {
  type Database,
  evictRenderings,
  forgetRenderings,
  insertRendering,
  insertRevocation,
  openDatabase,
  transaction,
} from "@inlet/database";
import { openTestStack, requireDebianTool, type Stack, waitFor } from "@inlet/stack";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildLinkedBatch } from "../../services/landing/src/testing/linked-batch.ts";
import { killAt } from "../fixtures/killed-at.ts";

const ffmpeg = await requireDebianTool("ffmpeg");
const BROWSER = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/148.0 Safari/537.36" };
const ROOM = 3;

let stack: Stack & AsyncDisposable;
let database: Database;
let blobs: Blobs;

beforeAll(async () => {
  stack = await openTestStack({
    services: { landing: 2, renderer: 1, watcher: 1 },
    serviceEnv: {
      watcher: { RECONCILE_MS: "200", RECONCILE_STALE_MS: "400" },
      renderer: { RETRY_MS: "50" },
      landing: { VIDEO_QUEUE_PER_BATCH: `${ROOM}`, VIDEO_WAIT_MS: "50000", LINKS_MAX_AGE_MS: "200" },
    },
  });
  database = openDatabase(stack.databaseUrl, { applicationName: "test" });
  blobs = openBlobs(join(stack.dataFolder, "blobs"));
});
afterAll(async () => {
  await database?.close();
  await stack?.stop();
});

const CSV = `first_name,city\nSarah,Wien\n${"Wolfeschlegelsteinhausenbergerdorff".repeat(20)},Graz\n<script>\u202e'[0:v]null;,Linz\n,Bern\n`;

const buildStoryboard = (overrides: Partial<StoryboardInput> = {}): StoryboardInput => ({
  title: "Grüße & more",
  stage: "square",
  scenes: [
    {
      name: "hello",
      durationMs: 400,
      background: { colour: "#203040" },
      layers: [
        {
          ...{ kind: "text", text: "Hello {{first_name|you}}", size: 200, enter: { kind: "pop", durationMs: 200 } },
          box: { x: 31, y: 41, width: 501, height: 201 },
        },
      ],
    },
    { name: "bye", durationMs: 300, transition: { kind: "wipe", durationMs: 200 }, background: { colour: "#ffb020" } },
  ],
  ...overrides,
});
const build = (storyboard: StoryboardInput = buildStoryboard()) =>
  buildLinkedBatch({
    ...{ database, blobs, keyEncryptionKey: Buffer.from(stack.key, "base64"), csv: CSV, storyboard },
  });

async function get(token: string, headers: Record<string, string> = {}, process = "landing") {
  const { host } = new URL(stack.landingUrl);
  const url = `http://127.0.0.1:${stack.ports[process]}/v/${token}.mp4`;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { headers: { ...BROWSER, host, ...headers } }, resolve)
      .on("error", reject)
      .end();
  });
  return { status: response.statusCode!, headers: response.headers, body: await buffer(response) };
}

async function renderingsOf({ batchId }: { batchId: number }) {
  return await database.query
    .selectFrom("renderings")
    .selectAll()
    .where("batch_id", "=", batchId)
    .orderBy("id")
    .execute();
}

async function run(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(ffmpeg.command.replace(/ffmpeg$/, args[0]!), args.slice(1), {
    env: ffmpeg.env,
  });
  return stdout;
}

test("however many ask in however many processes, a film is made once, and comes whole or in parts", async () => {
  const batch = await build();
  const [first, ...others] = await Promise.all(
    Array.from({ length: 8 }, (_, index) => get(batch.token(1), {}, index % 2 === 0 ? "landing" : "landing#2")),
  );
  expect(first!.status).toBe(200);
  for (const { body } of others) expect(body.equals(first!.body)).toBe(true);
  expect(await renderingsOf(batch)).toMatchObject([{ state: "done", attempts: 1, film: null }]);
  const { headers, body } = first!;
  expect(headers).toMatchObject({
    ...{ "content-type": "video/mp4", "content-length": `${body.length}`, "accept-ranges": "bytes" },
    "content-disposition": 'inline; filename="Grue-more.mp4"',
  });
  expect(headers["cache-control"]).toMatch(/^private, max-age=\d+$/);
  const part = await get(batch.token(1), { range: "bytes=100-199" });
  expect(part).toMatchObject({ status: 206, body: body.subarray(100, 200) });
  expect(part.headers["content-range"]).toBe(`bytes 100-199/${body.length}`);
  expect((await get(batch.token(1), { "if-none-match": headers.etag! })).status).toBe(304);

  const file = join(stack.dataFolder, "made.mp4");
  await writeFile(file, body);
  const entries = "stream=codec_name,width,height,nb_frames,pix_fmt,color_space:format_tags:stream_tags";
  const { streams, format } = JSON.parse(
    await run("ffprobe", "-v", "error", "-show_entries", entries, "-of", "json", file),
  );
  expect(streams).toMatchObject([
    { codec_name: "h264", width: 720, height: 720, nb_frames: "21", pix_fmt: "yuv420p", color_space: "bt709" },
  ]);
  // Nothing but what the container is.
  expect(Object.keys(format.tags).sort()).toEqual(["compatible_brands", "major_brand", "minor_version"]);
  expect(body.indexOf("moov")).toBeLessThan(body.indexOf("mdat"));
});

test("what is hostile in a row, or missing from a storyboard, is rendered all the same", async () => {
  const batch = await build();
  const answers = await Promise.all([2, 3, 4].map((record) => get(batch.token(record))));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(await readdir(join(stack.dataFolder, "rendering"))).toEqual([]);
});

test("who only looks ahead, or holds a link that was taken back, makes nobody work", async () => {
  const batch = await build();
  const [other] = [await build()];
  await insertRevocation(database, { batchId: other.batchId, record: 1 });
  const ahead = await get(batch.token(1), { "sec-purpose": "prefetch" });
  expect(ahead).toMatchObject({ status: 202, body: Buffer.alloc(0) });
  expect((await get(other.token(1))).status).toBe(404);
  expect((await get(`${batch.token(1).slice(0, -2)}xx`)).status).toBe(404);
  // Nor does a process that has not heard of it yet.
  const film = { film: {}, filmSha256: Buffer.alloc(32), room: { ofBatch: 9, inAll: 9 } };
  expect(await insertRendering(database, { ...film, batchId: other.batchId, recordNumber: 1 })).toBeUndefined();
  expect([...(await renderingsOf(batch)), ...(await renderingsOf(other))]).toEqual([]);
});

test("a renderer that is killed in the middle leaves a video to be made once more, and no file behind", async () => {
  const batch = await build();
  const killing = await killAt({ stack, database }, "renderer.made");
  const asked = get(batch.token(1));
  await killing.over();
  expect((await asked).status).toBe(200);
  const [rendering] = await renderingsOf(batch);
  expect(rendering).toMatchObject({ state: "done", attempts: 2, losses: 1, epoch: 2 });
  const files = await readdir(join(stack.dataFolder, "blobs", "acme", `${batch.batchId}`));
  expect(files.filter((name) => name.startsWith("video"))).toEqual([rendering!.blob_key!.split("/").at(-1)]);
}, 120_000);

test("a video whose file is gone is made anew; what is least used goes when there is too much", async () => {
  const batch = await build();
  const [first] = await Promise.all([get(batch.token(1)), get(batch.token(2))]);
  const rendering = (await renderingsOf(batch)).find(({ record_number }) => record_number === 1);
  await rm(join(stack.dataFolder, "blobs", rendering!.blob_key!));
  expect((await get(batch.token(1))).status).toBe(200);
  expect((await get(batch.token(1))).body.equals(first!.body)).toBe(true);

  const [older, newer] = await renderingsOf(batch);
  await database.pool.query("UPDATE renderings SET used_at = now() + interval '1 hour' WHERE id = $1", [newer!.id]);
  const gone = await transaction(database, (tx) => evictRenderings(tx, { mostBytes: newer!.size_bytes!, limit: 100 }));
  expect(gone).toContain(older!.blob_key);
  expect(await renderingsOf(batch)).toMatchObject([{ id: newer!.id }]);
  const forgotten = await forgetRenderings(database, { batchId: batch.batchId, records: [newer!.record_number] });
  expect(forgotten).toHaveLength(newer!.epoch);
  expect(forgotten.at(-1)).toBe(newer!.blob_key);
});

test("more than there is room for is asked to come again; who waits gets what is made, or what became of it", async () => {
  const batch = await build();
  stack.process("renderer").signal("SIGSTOP");
  const waiting = Array.from({ length: ROOM }, (_, index) => get(batch.token(index + 1)));
  const elsewhere = get(batch.token(1), {}, "landing#2");
  await waitFor(async () => (await renderingsOf(batch)).length === ROOM, {
    ...{ timeoutMs: 30_000, what: "the films to be asked for" },
  });
  const full = await get(batch.token(4));
  expect(full.status).toBe(503);
  expect(Number(full.headers["retry-after"])).toBeGreaterThan(0);
  expect(full.headers["content-type"]).toContain("text/html");

  // The process that holds the visitor ends.
  stack.process("landing#2").signal("SIGTERM");
  expect((await elsewhere).status).toBe(503);
  // The recipient is forgotten; nobody asks for the film again by a link that was open once.
  await forgetRenderings(database, { batchId: batch.batchId, records: [2] });
  expect((await waiting[1]!).status).toBe(503);
  // The link is taken back.
  await insertRevocation(database, { batchId: batch.batchId, record: 3 });
  await waitFor(async () => (await get(batch.token(3), { "sec-purpose": "prefetch" })).status === 404, {
    ...{ timeoutMs: 30_000, what: "the link to close" },
  });
  stack.process("renderer").signal("SIGCONT");
  expect([(await waiting[0]!).status, (await waiting[2]!).status]).toEqual([200, 404]);
  expect((await renderingsOf(batch)).map(({ record_number }) => record_number)).toEqual([1, 3]);
}, 120_000);

describe("uploads", () => {
  async function upload(name: string, bytes: Buffer): Promise<number> {
    const batch = await build();
    const { rows } = await database.pool.query(
      `SELECT b.client_id AS client, b.project_id AS project FROM batches b WHERE id = $1`,
      [batch.batchId],
    );
    const key = `acme/assets/upload-${batch.batchId}`;
    await blobs.put(key, bytes);
    const { rows: added } = await database.pool.query(
      `INSERT INTO assets (client_id, project_id, name, upload_key, upload_bytes, upload_sha256, upload_name, created_by)
       VALUES ($1, $2, $3, $4, $5, sha256($6), $3, 'test') RETURNING id`,
      [rows[0].client, rows[0].project, name, key, bytes.length, bytes],
    );
    return added[0].id;
  }

  const made = (...options: string[]) =>
    promisify(execFile)(ffmpeg.command, ["-v", "error", ...options, "-"], {
      ...{ env: ffmpeg.env, encoding: "buffer", maxBuffer: 64 * 1024 * 1024 },
    }).then(({ stdout }) => stdout);
  const matroska = (...options: string[]) => made(...options, "-f", "matroska");

  test("are made anew, or refused with what to send instead", async () => {
    const [film, song, long, picture] = await Promise.all([
      matroska(
        // Twice as wide as it has pixels.
        ...["-f", "lavfi", "-i", "testsrc=s=700x700:r=10:d=1,setsar=2", "-f", "lavfi", "-i", "sine=d=1"],
        ...["-metadata", "title=secret", "-c:v", "libx264", "-preset", "ultrafast"],
      ),
      made("-f", "lavfi", "-i", "sine=d=1", "-metadata", "artist=secret", "-f", "wav"),
      matroska("-f", "lavfi", "-i", "testsrc=s=16x16:r=1:d=62", "-c:v", "libx264", "-preset", "ultrafast"),
      made("-f", "lavfi", "-i", "testsrc=s=64x32", "-frames:v", "1", "-c:v", "png", "-f", "image2pipe"),
    ]);
    const list = Buffer.from("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n");
    const ids = await Promise.all(
      Object.entries({ film, song, long, picture, list }).map(([name, bytes]) => upload(name, bytes)),
    );
    const assets = await waitFor(
      async () => {
        const { rows } = await database.pool.query(
          `SELECT state, kind, media_type, width, height, duration_ms, refusal, encode(sha256, 'hex') AS sha256 FROM assets
           WHERE id = ANY($1) ORDER BY array_position($1, id)`,
          [ids],
        );
        return rows.every(({ state }) => state !== "processing") && rows;
      },
      { timeoutMs: 100_000, what: "the uploads to be made anew" },
    );
    expect(assets).toMatchObject([
      { state: "ready", kind: "video", media_type: "video/mp4", width: 1280, height: 640, duration_ms: 1000 },
      { state: "ready", kind: "audio", media_type: "audio/mp4", width: null },
      { state: "refused", refusal: { code: "media_too_long" } },
      { state: "ready", kind: "image", media_type: "image/webp", width: 64, height: 32, duration_ms: null },
      { state: "refused", refusal: { code: "media_unreadable" } },
    ]);
    expect(assets[2].refusal.message).toMatch(/60 seconds.*Cut it/);
    const file = join(stack.dataFolder, "blobs/acme/assets", assets[0].sha256);
    const { streams, format } = JSON.parse(
      await run("ffprobe", "-v", "error", "-show_entries", "stream=codec_name:format_tags", "-of", "json", file),
    );
    expect(streams).toMatchObject([{ codec_name: "h264" }]);
    expect(JSON.stringify(format)).not.toContain("secret");
  }, 120_000);
});
