import { rm } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Blobs, openBlobs } from "@inlet/blobs";
import type { StoryboardInput } from "@inlet/contracts";
import { type Database, insertRevocation, openDatabase } from "@inlet/database";
import type { PageFilm } from "@inlet/player/page";
import { issueToken } from "@inlet/purl";
import { openTestStack, waitFor } from "@inlet/stack";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildLinkedBatch } from "./testing/linked-batch.ts";

let stack: Awaited<ReturnType<typeof openTestStack>>;
let database: Database;
let blobs: Blobs;
let healthPort: number;

beforeAll(async () => {
  stack = await openTestStack({ services: ["landing"], serviceEnv: { landing: { LOG_LEVEL: "debug" } } });
  database = openDatabase(stack.databaseUrl, { applicationName: "test" });
  blobs = openBlobs(join(stack.dataFolder, "blobs"));
  // Later lines push this one out.
  const line = stack.recentLines("landing").find((entry) => entry.includes("landing is ready"));
  if (line === undefined) throw new Error("landing has not said that it is ready");
  ({ healthPort } = JSON.parse(line) as { healthPort: number });
});
afterAll(async () => {
  await database?.close();
  await stack?.stop();
});

type Overrides = Partial<Parameters<typeof buildLinkedBatch>[0]>;
const CSV = "first_name,plan\nSarah,Green\nZoë,Blue\nAda,\n";
const build = (overrides: Overrides = {}) =>
  buildLinkedBatch({
    ...{ database, blobs, keyEncryptionKey: Buffer.from(stack.key, "base64"), csv: CSV },
    page: {
      title: "Hello {{first_name}}!",
      text: "Your plan is {{plan}}.",
      fields: [{ column: "plan", label: "Plan" }],
      button: { label: "More", url: "https://example.org/more?a=1&b=2" },
    },
    ...overrides,
  });

async function get(path: string, init: RequestInit = {}) {
  const response = await fetch(`${stack.landingUrl}${path}`, { redirect: "manual", ...init });
  const body = Buffer.from(await response.arrayBuffer());
  const headers = Object.fromEntries(response.headers);
  return { status: response.status, headers, body, text: body.toString() };
}

/** A request line as it is, without a URL parser in between. */
function rawStatus(target: string, method = "GET", headers = "", host?: string): Promise<string> {
  const { hostname, port } = new URL(stack.landingUrl);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`${method} ${target} HTTP/1.1\r\nHost: ${host ?? "x"}\r\nConnection: close\r\n${headers}\r\n`);
    });
    let answer = "";
    socket.setEncoding("utf8").on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("end", () => resolve(answer));
    socket.on("error", reject);
  });
}

describe("a recipient's page", () => {
  test("shows the recipient's own fields, the button, and a preview for messengers", async () => {
    const batch = await build();
    const { status, headers, text } = await get(`/p/${batch.token(1)}`);
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(text).toContain("<title>Hello Sarah!</title>");
    expect(text).toContain("Your plan is <bdi>Green</bdi>.");
    expect(text).toContain('<dt dir="auto">Plan</dt><dd dir="auto">Green</dd>');
    expect(text).toContain('href="https://example.org/more?a=1&amp;b=2"');
    expect(text).toContain(`content="${stack.landingUrl}/t/${batch.token(1)}.png"`);
    expect((await get(`/p/${batch.token(2)}`)).text).toContain("<title>Hello Zoë!</title>");
  });

  test("leaves out a label that has no value", async () => {
    const batch = await build();
    const { text } = await get(`/p/${batch.token(3)}`);
    expect(text).toContain("Your plan is.");
    expect(text).not.toContain("<dl>");
    expect(text).not.toMatch(/undefined|null|\\N/);
  });

  test("is sent under a policy that lets in its own style and picture alone", async () => {
    const batch = await build();
    const { headers, text } = await get(`/p/${batch.token(1)}`);
    expect(headers["content-security-policy"]).toMatch(
      /^default-src 'none'; img-src 'self'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(text).not.toMatch(/<script|\sstyle=|\son\w+=|javascript:/i);
    expect(headers).toMatchObject({
      "referrer-policy": "no-referrer",
      "x-robots-tag": "noindex, nofollow, noarchive",
      "x-content-type-options": "nosniff",
      "cache-control": "private, no-cache",
    });
    expect(headers).not.toHaveProperty("set-cookie");
  });

  test("is not sent again to who has it", async () => {
    const batch = await build();
    const { headers } = await get(`/p/${batch.token(1)}`);
    const again = await get(`/p/${batch.token(1)}`, { headers: { "if-none-match": `W/"x", ${headers.etag}` } });
    expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, headers.etag]);
  });

  test("says that it is a rehearsal's, and that it was opened is noted once", async () => {
    const [rehearsed, real] = [await build(), await build()];
    await rehearsed.change({ rehearsal: true });
    for (const batch of [rehearsed, rehearsed, real]) {
      const { status, text } = await get(`/p/${batch.token(1)}`);
      expect(status).toBe(200);
      expect(text.includes("Rehearsal: this link is a test")).toBe(batch === rehearsed);
    }
    await get(`/p/${rehearsed.token(1).slice(0, -2)}xx`);
    const views = () => database.query.selectFrom("rehearsal_views").select("batch_id").execute();
    await waitFor(async () => (await views()).length > 0, { timeoutMs: 30_000, what: "the note" });
    expect(await views()).toEqual([{ batch_id: rehearsed.batchId }]);
  });

  test("shows hostile values as text", async () => {
    const evil = "<script>alert(1)</script>\"'\u202E\0x";
    const csv = `first_name,plan\n"${evil.replaceAll('"', '""').replace("\0", "")}",{{first_name}}</title><img src=x onerror=y>\n`;
    const batch = await build({ csv, columns: ["first_name", "plan"] });
    const { text } = await get(`/p/${batch.token(1)}`);
    expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;x");
    expect(text).not.toMatch(/<script|<img src=x|\u202E/);
    expect(text).toContain("{{first_name}}&lt;/title&gt;");
  });
});

describe("a recipient's thumbnail", () => {
  test("is a picture that mail programs may keep", async () => {
    const batch = await build({ expiresAt: new Date(Date.now() + 100_000) });
    const { status, headers, body } = await get(`/t/${batch.token(1)}.png`);
    expect(status).toBe(200);
    expect(await sharp(body).metadata()).toMatchObject({ format: "png", width: 1200, height: 630 });
    expect(headers).toMatchObject({ "content-type": "image/png", "cross-origin-resource-policy": "cross-origin" });
    const maxAge = Number(/^private, max-age=(\d+)$/.exec(headers["cache-control"]!)?.[1]);
    expect(maxAge).toBeGreaterThan(90);
    expect(maxAge).toBeLessThanOrEqual(100);
    expect((await get(`/t/${batch.token(2)}.png`)).body).not.toEqual(body);
    const again = await get(`/t/${batch.token(1)}.png`, { headers: { "if-none-match": headers.etag! } });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  test("is drawn once for all who see the same", async () => {
    const batch = await build({ page: { title: "For all", text: "" }, title: "Once" });
    const pictures = await Promise.all([1, 2, 3, 1, 2].map((record) => get(`/t/${batch.token(record)}.png`)));
    expect(new Set(pictures.map(({ headers }) => headers.etag)).size).toBe(1);
    const before = await drawnPictures();
    await get(`/t/${batch.token(3)}.png`);
    expect(await drawnPictures()).toBe(before);
  });
});

test("HEAD says what GET would, without the body", async () => {
  const batch = await build();
  for (const path of [`/p/${batch.token(1)}`, `/t/${batch.token(1)}.png`]) {
    const asItIs = { headers: { "accept-encoding": "identity" } };
    const [head, full] = [await get(path, { ...asItIs, method: "HEAD" }), await get(path, asItIs)];
    expect(head.status).toBe(200);
    expect(head.body.length).toBe(0);
    expect(head.headers["content-length"]).toBe(`${full.body.length}`);
    expect(head.headers.etag).toBe(full.headers.etag);
  }
});

describe("one page for all that does not open", () => {
  test("same status, bytes and headers, whatever the reason", async () => {
    const live = await build();
    const flipped = live.token(1).replace(/^(.{20})(.)/, (_, head, char) => head + (char === "A" ? "B" : "A"));
    const ended = await Promise.all([
      build({ status: "rejected", imported: false }),
      build({ status: "failed", imported: false }),
      build({ status: "superseded", imported: false }),
      build({ status: "running", imported: false }),
      build({ expiresAt: new Date(Date.now() - 1) }),
    ]);
    const gone = await build();
    await rm(join(stack.dataFolder, "blobs", "acme", `${gone.batchId}`), { recursive: true });
    const revoked = await build();
    await insertRevocation(database, { batchId: revoked.batchId, record: 2 });
    const tokens = [
      "x",
      "A".repeat(35),
      "A".repeat(3000),
      flipped,
      `${live.token(1)}=`,
      live.token(4),
      issueToken(Buffer.alloc(32), { batchId: 999_999, recordNumber: 1 }),
      ...ended.map((batch) => batch.token(1)),
      gone.token(1),
      revoked.token(2),
    ];
    const played = JSON.stringify({ view: "a-view-of-it", kind: "play" });
    const tell = (token: string) => get(`/e/${token}`, { method: "POST", body: played });
    const answers = await Promise.all([
      ...tokens.map((token) => get(`/p/${token}`)),
      ...tokens.map((token) => get(`/t/${token}.png`)),
      ...tokens.map((token) => get(`/v/${token}.mp4`)),
      ...tokens.filter((token) => token.length < 100).map(tell),
      ...["/", "/p/", "/t/x", "/robots.txt", "/metrics", "/healthz", "/admin", `/p/${live.token(1)}/`].map((path) =>
        get(path),
      ),
      get(`/p/${live.token(1)}`, { method: "POST", body: "x" }),
      get(`/p/${live.token(1)}`, { method: "POST", body: "{", headers: { "content-type": "application/json" } }),
      get("/", { method: "DELETE" }),
    ]);
    const first = answers[0]!;
    expect(first.status).toBe(404);
    expect(first.headers["cache-control"]).toBe("no-store");
    for (const answer of answers) {
      expect([answer.status, answer.text]).toEqual([404, first.text]);
      const { date: _, connection: __, "keep-alive": ___, ...headers } = answer.headers;
      expect({ ...headers, date: first.headers.date }).toMatchObject({
        "content-security-policy": first.headers["content-security-policy"],
        "content-length": first.headers["content-length"],
      });
      expect(Object.keys(headers).sort()).toEqual(
        Object.keys(first.headers)
          .filter((name) => !["date", "connection", "keep-alive"].includes(name))
          .sort(),
      );
    }
    expect((await get(`/p/${live.token(1)}`)).status).toBe(200);
    expect((await get(`/p/${revoked.token(1)}`)).status).toBe(200);
    expect((await tell(revoked.token(1))).status).toBe(204);
  });

  test("and about the same time: a malformed, a forged and a revoked token are told apart by none", async () => {
    const batch = await build();
    await insertRevocation(database, { batchId: batch.batchId, record: null });
    const forged = issueToken(Buffer.alloc(32), { batchId: batch.batchId, recordNumber: 1 });
    const tokens = ["x", forged, batch.token(1)];
    const fastest = tokens.map(() => Number.POSITIVE_INFINITY);
    const differenceMs = () => Math.max(...fastest) - Math.min(...fastest);
    // The fastest of several, and of as many as a busy machine needs: what took longer for a reason would never come near.
    for (let round = 0; round < 8 || (round < 300 && differenceMs() >= 10); round++) {
      for (const [i, token] of tokens.entries()) {
        const startedMs = performance.now();
        await get(`/p/${token}`);
        fastest[i] = Math.min(fastest[i]!, performance.now() - startedMs);
      }
    }
    expect(Math.min(...fastest)).toBeGreaterThanOrEqual(28);
    expect(differenceMs()).toBeLessThan(10);
  });

  test.each([
    ["a bad escape", "/p/%zz"],
    ["a path upwards", "/p/../../etc/passwd"],
    ["an absolute address", "http://other.example/p/x"],
    ["an escaped slash", "/p/%2Fetc%2Fpasswd"],
  ])("%s gets it, too", async (_, target) => {
    expect(await rawStatus(target)).toMatch(/^HTTP\/1\.1 404 [\s\S]*This link does not open/);
  });

  test("too long a header is refused without reading on", async () => {
    expect(await rawStatus("/", "GET", `X: ${"a".repeat(20_000)}\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  });
});

describe("the life of a link", () => {
  test("it opens from the moment of the import, also when somebody tried it before", async () => {
    const batch = await build({ status: "running", imported: false });
    expect((await get(`/p/${batch.token(1)}`)).status).toBe(404);
    await batch.change({ imported_at: new Date() });
    expect((await get(`/p/${batch.token(1)}`)).status).toBe(200);
  });

  test("it opens from then on, also when its batch was looked at before it had links", async () => {
    const batch = await build({ status: "running", imported: false, linked: false });
    expect((await get(`/p/${batch.token(1)}`)).status).toBe(404);
    await batch.change({ imported_at: new Date(), link_key_id: batch.linkKeyId });
    expect((await get(`/p/${batch.token(1)}`)).status).toBe(200);
  });

  test("it goes on opening while a delivered batch is tried again and fails", async () => {
    const batch = await build({ status: "failed", delivered: true });
    expect((await get(`/p/${batch.token(1)}`)).status).toBe(200);
  });

  test.each([
    ["one link", 1],
    ["the whole batch", null],
  ])("taking back %s closes it within 5 s, for page and thumbnail", async (_, record) => {
    const batch = await build();
    const [page, thumbnail] = [`/p/${batch.token(1)}`, `/t/${batch.token(1)}.png`];
    expect([(await get(page)).status, (await get(thumbnail)).status]).toEqual([200, 200]);
    await insertRevocation(database, { batchId: batch.batchId, record });
    await expect.poll(async () => (await get(page)).status, { timeout: 30_000, interval: 100 }).toBe(404);
    expect((await get(thumbnail)).status).toBe(404);
    expect((await get(`/p/${batch.token(2)}`)).status).toBe(record === null ? 404 : 200);
  });

  test("it closes when its time is over", async () => {
    const batch = await build({ expiresAt: new Date(Date.now() + 1_500) });
    expect((await get(`/p/${batch.token(1)}`)).status).toBe(200);
    await expect.poll(async () => (await get(`/p/${batch.token(1)}`)).status, { timeout: 30_000 }).toBe(404);
  });
});

/** Who waits for PostgreSQL to answer waits 3 s. What takes less waits for a busy machine. */
const WITHOUT_WAITING_MS = 2_500;

/** Opens a link again and again for 5 s. Resolves to the slowest view, in milliseconds. */
async function viewForAWhile(path: string, expected: string): Promise<number> {
  const untilMs = performance.now() + 5_000;
  let slowestMs = 0;
  while (performance.now() < untilMs) {
    const startedMs = performance.now();
    const answer = await get(path);
    slowestMs = Math.max(slowestMs, performance.now() - startedMs);
    expect([answer.status, answer.text]).toEqual([200, expected]);
    // The time counts, not the number: other tests run beside this one.
    await pause(20);
  }
  return slowestMs;
}

test("a view of a warm batch asks PostgreSQL nothing: it does not wait while that answers nobody", async () => {
  const batch = await build();
  const page = await get(`/p/${batch.token(1)}`);
  const blocker = await database.pool.connect();
  try {
    await blocker.query("BEGIN");
    await blocker.query(
      "LOCK TABLE inlet.batches, inlet.profiles, inlet.link_keys, inlet.revocations, inlet.artifacts",
    );
    expect(await viewForAWhile(`/p/${batch.token(1)}`, page.text)).toBeLessThan(WITHOUT_WAITING_MS);
  } finally {
    await blocker.query("ROLLBACK");
    blocker.release();
  }
});

test("who guesses is told to wait, and who has a real link is not", async () => {
  const warm = await build();
  const cold = await build();
  await get(`/p/${warm.token(1)}`);
  const guess = (i: number) => issueToken(Buffer.alloc(32), { batchId: 1_000_000 + i, recordNumber: 1 });
  const from = { headers: { "x-forwarded-for": "203.0.113.9" } };
  const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => get(`/p/${guess(i)}`, from)));
  expect(answers.filter(({ status }) => status === 404).length).toBeGreaterThanOrEqual(30);
  const late = await get(`/p/${guess(0)}`, from);
  expect([late.status, late.headers["retry-after"]]).toEqual([429, "5"]);
  expect((await get(`/p/${warm.token(1)}`, from)).status).toBe(200);
  const other = { headers: { "x-forwarded-for": "203.0.113.10" } };
  expect((await get(`/p/${cold.token(1)}`, other)).status).toBe(200);
});

test("while PostgreSQL is away, warm pages open at once and cold ones ask to come back", async () => {
  const [warm, cold] = [await build(), await build()];
  const page = await get(`/p/${warm.token(1)}`);
  await stack.process("postgres").stop();
  try {
    expect(await viewForAWhile(`/p/${warm.token(1)}`, page.text)).toBeLessThan(WITHOUT_WAITING_MS);
    expect((await get(`/t/${warm.token(2)}.png`)).status).toBe(200);
    const away = await get(`/p/${cold.token(1)}`);
    expect([away.status, away.headers["retry-after"]]).toEqual([503, "5"]);
  } finally {
    await stack.process("postgres").start();
  }
  await expect.poll(async () => (await get(`/p/${cold.token(1)}`)).status, { timeout: 30_000 }).toBe(200);
  // What happened meanwhile was kept, and is counted once.
  const pictures = () =>
    database.query
      .selectFrom("link_hours")
      .select("times")
      .where("batch_id", "=", warm.batchId)
      .where("kind", "=", "thumbnail")
      .execute();
  await expect.poll(pictures, { timeout: 30_000 }).toEqual([{ times: 1 }]);
});

test("no log line holds a token or a value", async () => {
  const batch = await build();
  await get(`/p/${batch.token(1)}`);
  await get(`/p/${batch.token(1).slice(0, -1)}_`);
  await expect.poll(() => stack.recentLines("landing").some((line) => line.includes('"answered"'))).toBe(true);
  const log = stack.recentLines("landing").join("\n");
  expect(log).not.toContain(batch.token(1).slice(0, 20));
  expect(log).not.toMatch(/Sarah|\/p\/|\/t\//);
});

test("a slow sender of headers is cut off", async () => {
  const { hostname, port } = new URL(stack.landingUrl);
  const startedMs = performance.now();
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write("GET / HTTP/1.1\r\nHost: x\r\n"));
    socket.on("error", () => {}).on("close", () => resolve());
    socket.resume();
  });
  expect(performance.now() - startedMs).toBeLessThan(20_000);
});

async function askHealth(path: string): Promise<{ status: number; text: string }> {
  return await new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port: healthPort, path }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode!, text }));
    })
      .on("error", reject)
      .end();
  });
}

async function drawnPictures(): Promise<number> {
  return Number(/^inlet_landing_thumbnail_seconds_count\S* (\d+)$/m.exec((await askHealth("/metrics")).text)?.[1]);
}

describe("what happens to a link", () => {
  const PHONE = {
    "user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile Safari/604.1",
  };
  const MAIL_PROXY = { "user-agent": "Mozilla/5.0 Firefox/11.0 (via ggpht.com GoogleImageProxy)" };
  const tell = (token: string, body: object | string, headers: Record<string, string> = PHONE) =>
    get(`/e/${token}`, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body), headers });
  const hours = async (batchId: number) =>
    (
      await database.query
        .selectFrom("link_hours")
        .select(["kind", "visitor", "times"])
        .where("batch_id", "=", batchId)
        .execute()
    )
      .map(({ kind, visitor, times }) => `${kind} ${visitor} ${times}`)
      .sort();

  test("is counted for persons, proxies and scanners apart, each event once", async () => {
    const batch = await build();
    const token = batch.token(2);
    await get(`/t/${token}.png`, { headers: MAIL_PROXY });
    await get(`/p/${token}`, { headers: PHONE });
    await get(`/p/${token}`, { method: "HEAD", headers: PHONE });
    const view = "a-view-of-it";
    for (const kind of ["play", "play", "half", "complete"])
      expect((await tell(token, { view, kind })).status).toBe(204);
    for (const detail of ["offer", "offer", "page"]) await tell(token, { view, kind: "click", detail });
    await tell(token, { view: "another-view", kind: "play" });
    const counted = [
      "click person 2",
      "complete person 1",
      "half person 1",
      "page person 1",
      "page scanner 1",
      "play person 2",
      "thumbnail prefetch 1",
    ];
    await waitFor(async () => JSON.stringify(await hours(batch.batchId)) === JSON.stringify(counted), {
      ...{ timeoutMs: 30_000, what: "the events" },
    });
    const tallies = await database.query
      .selectFrom("link_tallies")
      .selectAll()
      .where("batch_id", "=", batch.batchId)
      .execute();
    expect(tallies).toMatchObject([
      { record: 2, thumbnails: 0, pages: 1, plays: 2, completions: 1, clicks: 2, seen_at: expect.any(Date) },
    ]);
  });

  test("is told by our own pages alone, in the words that they use, for links that open", async () => {
    const batch = await build();
    const event = { view: "a-view-of-it", kind: "play" };
    const answers = await Promise.all([
      tell(batch.token(1).replace(/^./, "B"), event),
      tell(batch.token(1), { ...event, kind: "page" }),
      tell(batch.token(1), { ...event, view: "x".repeat(500) }),
      tell(batch.token(1), "{"),
      tell(batch.token(1), event, { ...PHONE, "sec-fetch-site": "cross-site" }),
      tell(batch.token(1), { ...event, detail: "<script>" }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
    expect((await tell(batch.token(1), event, { ...PHONE, "content-type": "application/json" })).status).toBe(204);
    await waitFor(async () => (await hours(batch.batchId)).length > 0, { timeoutMs: 30_000, what: "the event" });
    expect(await hours(batch.batchId)).toEqual(["play person 1"]);
  });
});

/** What the page's script reads. */
const filmIn = (page: string) =>
  JSON.parse(/<script type="application\/json" id="inlet-film">(.*?)<\/script>/s.exec(page)![1]!) as PageFilm;

const STORYBOARD: StoryboardInput = {
  title: "A plan",
  language: { default: "en", column: "language" },
  scenes: [
    {
      name: "hello",
      durationMs: 2_000,
      background: { asset: "sea.webp" },
      layers: [
        {
          kind: "text",
          text: { en: "Hello {{first_name}}!", he: "שלום {{first_name}}!" },
          box: { x: 0, y: 0, width: 800, height: 200 },
        },
      ],
    },
    {
      name: "blue",
      durationMs: 2_000,
      when: { all: [{ field: "plan", is: "equal", value: "Blue" }] },
      background: { asset: "blue.webp" },
    },
  ],
  page: {
    template: "split",
    title: { en: "{{first_name}}, your plan", he: "{{first_name}}, התוכנית שלך" },
    fields: [{ column: "plan", label: "Plan" }],
    button: { label: "Renew", url: "https://example.org/renew?plan={{plan}}" },
    footer: "1 Quay Street",
    links: [{ label: "Imprint", url: "https://example.org/imprint" }],
  },
};
const picture = (name: string, bytes: string) => ({
  ...{ name, kind: "image" as const, mediaType: "image/webp" as const, width: 8, height: 8, durationMs: null },
  bytes: Buffer.from(bytes),
});
const buildFilm = (overrides: Overrides = {}) =>
  build({
    csv: "first_name,plan,language\nSarah,Green,\nZoë,Blue,\nדנה,Green,he\n",
    storyboard: STORYBOARD,
    assets: [picture("sea.webp", "the sea"), picture("blue.webp", "all blue")],
    ...overrides,
  });

describe("a page with a film", () => {
  test("holds the recipient's film for the player, and its picture and words for those without scripts", async () => {
    const batch = await buildFilm();
    const { headers, text } = await get(`/p/${batch.token(2)}`);
    expect(text).toContain('<html lang="en" dir="ltr">');
    expect(text).toContain("<title>Zoë, your plan</title>");
    expect(text).toContain('<dt><bdi dir="ltr">Plan</bdi></dt><dd><bdi dir="ltr">Blue</bdi></dd>');
    expect(text).toContain('href="https://example.org/renew?plan=Blue"');
    expect(text).toContain('<p dir="ltr">1 Quay Street</p>');
    expect(text).toContain(`<img class="poster" src="../t/${batch.token(2)}.poster.png" width="1280" height="720"`);
    const { film, assets, poster, events } = filmIn(text);
    expect(film.scenes.map(({ name }) => name)).toEqual(["hello", "blue"]);
    expect(film.scenes[0]!.layers).toMatchObject([{ text: "Hello Zoë!" }]);
    expect(poster).toBe(`../t/${batch.token(2)}.poster.png`);
    expect(events).toEqual({ url: `../e/${batch.token(2)}` });
    expect(assets).toEqual(Object.fromEntries(batch.assets.map(({ sha256 }) => [sha256, `../a/${sha256}.webp`])));
    expect(headers["content-security-policy"]).toMatch(
      /^default-src 'none'; script-src 'self'; img-src 'self'; media-src 'self'; font-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(headers).not.toHaveProperty("set-cookie");
    const script = /<script type="module" src="\.\.(\/s\/[^"]+\.js)">/.exec(text)![1]!;
    expect((await get(script)).headers["content-type"]).toBe("text/javascript; charset=utf-8");
    // What others see stays with them.
    expect(Object.keys(filmIn((await get(`/p/${batch.token(1)}`)).text).assets)).toEqual([batch.assets[0]!.sha256]);
  });

  test("is in the language of its row, from right to left where that is written so", async () => {
    const batch = await buildFilm();
    await batch.change({ rehearsal: true });
    const { text } = await get(`/p/${batch.token(3)}`);
    expect(text).toContain('<html lang="he" dir="rtl">');
    expect(text).toContain('<h1 class="" dir="rtl">');
    expect(text).toContain("חזרה: הקישור הזה הוא לבדיקה");
    expect(filmIn(text)).toMatchObject({ film: { language: "he", direction: "rtl" }, words: { play: "הפעלה" } });
  });

  test("is told to messengers with whole addresses, and offers its video only where it is to be had", async () => {
    const batch = await buildFilm();
    const { text } = await get(`/p/${batch.token(1)}`);
    expect(text).toContain('<meta property="og:title" content="Sarah, your plan">');
    expect(text).toContain(`<meta property="og:image" content="${stack.landingUrl}/t/${batch.token(1)}.png">`);
    expect(text).not.toMatch(/\/v\/|og:video/);
    const offering = await buildFilm({ storyboard: { ...STORYBOARD, page: { ...STORYBOARD.page, download: true } } });
    expect((await get(`/p/${offering.token(1)}`)).text).toContain(`href="../v/${offering.token(1)}.mp4" download`);
  });

  test("shows hostile values as text, in the page and in the player's data", async () => {
    const evil = `</script><script>alert(1)</script><!--"'\u2028`;
    const batch = await buildFilm({ csv: `first_name,plan\n"${evil.replaceAll('"', '""')}",javascript:alert(1)//\n` });
    const { text } = await get(`/p/${batch.token(1)}`);
    expect(text.match(/<\/?script/g)).toHaveLength(4);
    expect(text).not.toMatch(/<!--|\u2028|href="javascript/);
    expect(text).toContain("&lt;/script&gt;&lt;script&gt;alert(1)");
    expect(filmIn(text).film.scenes[0]!.layers).toMatchObject([
      { text: expect.stringContaining("Hello </script><script>alert(1)</script><!--\"'") },
    ]);
    expect(text).toContain('href="https://example.org/renew?plan=javascript%3Aalert(1)%2F%2F"');
  });

  test("goes out compressed, and is not sent again to who has it", async () => {
    const batch = await buildFilm();
    const path = `/p/${batch.token(1)}`;
    const plain = await get(path, { headers: { "accept-encoding": "identity" } });
    for (const encoding of ["br", "gzip"]) {
      const headers = { "accept-encoding": encoding };
      const page = await get(path, { headers });
      expect([page.headers["content-encoding"], page.headers.vary]).toEqual([encoding, "accept-encoding"]);
      expect(page.text).toBe(plain.text);
      expect(Number(page.headers["content-length"])).toBeLessThan(plain.body.length / 2);
      expect((await get(path, { headers: { ...headers, "if-none-match": page.headers.etag! } })).status).toBe(304);
    }
    expect((await get(path, { headers: { "if-none-match": plain.headers.etag! } })).status).toBe(304);
  });

  test("keeps its version, or follows the one that is live, as the profile says", async () => {
    const [keeping, following] = [await buildFilm(), await buildFilm({ links: { storyboard: "follow" } })];
    const titleOf = async (batch: typeof keeping) =>
      /<title>(.*?)<\/title>/.exec((await get(`/p/${batch.token(1)}`)).text)![1];
    expect([await titleOf(keeping), await titleOf(following)]).toEqual(["Sarah, your plan", "Sarah, your plan"]);
    for (const batch of [keeping, following]) await batch.publish({ ...STORYBOARD, page: { title: "News" } });
    await expect.poll(() => titleOf(following), { timeout: 5_000, interval: 100 }).toBe("News");
    expect(await titleOf(keeping)).toBe("Sarah, your plan");
  });
});

describe("a thumbnail of a film", () => {
  const red = async () =>
    await sharp({ create: { width: 64, height: 36, channels: 3, background: "#d01030" } })
      .webp()
      .toBuffer();
  const buildPoster = async (overrides: Overrides = {}) =>
    buildFilm({ assets: [{ ...picture("sea.webp", ""), bytes: await red() }, picture("blue.webp", "")], ...overrides });
  const thumbnail = (batch: Awaited<ReturnType<typeof buildPoster>>, record: number, suffix = ".png") =>
    get(`/t/${batch.token(record)}${suffix}`);
  const colourAt = async (png: Buffer, left: number, top: number) =>
    (await sharp(png).extract({ left, top, width: 1, height: 1 }).removeAlpha().raw().toBuffer()).toString("hex");

  test("is its poster, with a play button in e-mails and without one on the page", async () => {
    const batch = await buildPoster();
    const [mail, poster] = [await thumbnail(batch, 1), await thumbnail(batch, 1, ".poster.png")];
    for (const { headers, body } of [mail, poster]) {
      expect(headers["content-type"]).toBe("image/png");
      expect(await sharp(body).metadata()).toMatchObject({ format: "png", width: 1280, height: 720 });
      expect((await colourAt(body, 5, 700)).slice(0, 1)).toBe("d");
    }
    // The words are above: the button is in the middle.
    expect([await colourAt(mail.body, 640, 360), (await colourAt(poster.body, 640, 360)).slice(0, 1)]).toEqual([
      "ffffff",
      "d",
    ]);
    const plain = await buildPoster({ storyboard: { ...STORYBOARD, poster: { scene: "hello", playButton: false } } });
    expect((await thumbnail(plain, 1)).headers.etag).toBe((await thumbnail(plain, 1, ".poster.png")).headers.etag);
  });

  test("is each recipient's own, drawn once, and not sent again to who has it", async () => {
    const batch = await buildPoster();
    const [sarah, dana] = [await thumbnail(batch, 1), await thumbnail(batch, 3)];
    expect(sarah.body).not.toEqual(dana.body);
    const before = await drawnPictures();
    expect((await thumbnail(batch, 1)).body).toEqual(sarah.body);
    expect((await get(`/t/${batch.token(3)}.png`, { headers: { "if-none-match": dana.headers.etag! } })).status).toBe(
      304,
    );
    expect(await drawnPictures()).toBe(before);
  });

  test("shows the fallback where a name is missing, or has letters that no font has", async () => {
    const csv = "first_name,plan,language\n,Green,\n王伟,Green,\nthere,Green,\n";
    const batch = await buildPoster({ csv, storyboard: { ...STORYBOARD, fallbacks: { first_name: "there" } } });
    const etags = await Promise.all([1, 2, 3].map(async (record) => (await thumbnail(batch, record)).headers.etag));
    expect(new Set(etags).size).toBe(1);
  });

  test("has the colour where a file is damaged, and is asked for again soon", async () => {
    const batch = await buildFilm();
    const { status, headers, body } = await thumbnail(batch, 1);
    expect([status, headers["cache-control"], headers.etag]).toEqual([200, "private, max-age=30", undefined]);
    expect(await colourAt(body, 5, 700)).toBe("2b4bff");
  });
});

describe("files of storyboards", () => {
  test("are handed out under the names of their bytes, in parts where that is asked for", async () => {
    const { assets } = await buildFilm({ assets: [picture("a.webp", "0123456789")] });
    const path = `/a/${assets[0]!.sha256}.webp`;
    const whole = await get(path);
    expect([whole.status, whole.text]).toEqual([200, "0123456789"]);
    expect(whole.headers).toMatchObject({
      "content-type": "image/webp",
      "content-length": "10",
      "accept-ranges": "bytes",
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
      "cross-origin-resource-policy": "same-origin",
    });
    const part = await get(path, { headers: { range: "bytes=2-4" } });
    expect([part.status, part.text, part.headers["content-range"]]).toEqual([206, "234", "bytes 2-4/10"]);
    const beyond = await get(path, { headers: { range: "bytes=10-" } });
    expect([beyond.status, beyond.text, beyond.headers["content-range"]]).toEqual([416, "", "bytes */10"]);
    const head = await get(path, { method: "HEAD" });
    expect([head.status, head.text, head.headers["content-length"]]).toEqual([200, "", "10"]);
    expect((await get(path, { headers: { "if-none-match": whole.headers.etag! } })).status).toBe(304);
    const others = ["/a/", path.replace(".webp", ".mp4"), path.replace(".webp", ".html"), `/a/${"0".repeat(64)}.webp`];
    for (const other of others) expect((await get(other)).status).toBe(404);
  });

  test("of the player come compressed, and an icon is made of the brand's colour and the sender's letter", async () => {
    const batch = await buildFilm({ title: "ärzte" });
    const { text } = await get(`/p/${batch.token(1)}`);
    const script = /src="\.\.(\/s\/[^"]+)"/.exec(text)![1]!;
    const plain = await get(script, { headers: { "accept-encoding": "identity" } });
    for (const encoding of ["br", "gzip"]) {
      const packed = await get(script, { headers: { "accept-encoding": encoding } });
      expect([packed.headers["content-encoding"], packed.text]).toEqual([encoding, plain.text]);
    }
    const icon = await get(/rel="icon" [^>]*href="\.\.([^"]+)"/.exec(text)![1]!);
    expect([icon.status, icon.headers["content-type"]]).toEqual([200, "image/svg+xml"]);
    expect(icon.text).toContain('fill="#2b4bff"');
    expect(icon.text).toContain(">Ä</text>");
    for (const path of ["/i/2b4bff-%3C.svg", "/i/2b4bff-AB.svg", "/i/x.svg", "/s/manifest.json", "/s/"])
      expect((await get(path)).status).toBe(404);
  });
});

describe("a project's own address", () => {
  const at = (host: string, path: string) => rawStatus(path, "GET", "", host);

  test("shows its links and no other's; the hub's address shows all, and other names show nothing", async () => {
    const own = await build({ links: { address: "https://video.example.org" } });
    const other = await build({ links: { address: "https://other.example.org" } });
    const page = await at("video.example.org", `/p/${own.token(1)}`);
    expect(page).toMatch(/^HTTP\/1\.1 200 /);
    expect(page).toContain(`content="https://video.example.org/t/${own.token(1)}.png"`);
    for (const [host, token] of [
      ["video.example.org", other.token(1)],
      ["video.example.org", (await build()).token(1)],
      ["elsewhere.example.org", own.token(1)],
    ] as const) {
      expect(await at(host, `/p/${token}`)).toMatch(/^HTTP\/1\.1 404 /);
      expect(await at(host, `/t/${token}.png`)).toMatch(/^HTTP\/1\.1 404 /);
    }
    expect((await get(`/p/${own.token(1)}`)).text).toContain(`content="${stack.landingUrl}/t/${own.token(1)}.png"`);
    const forwarded = { headers: { "x-forwarded-host": "video.example.org" } };
    expect([
      (await get(`/p/${own.token(1)}`, forwarded)).status,
      (await get(`/p/${other.token(1)}`, forwarded)).status,
    ]).toEqual([200, 404]);
  });

  test("is known to a proxy that asks before it gets a certificate", async () => {
    await build({ links: { address: "https://cards.example.org:8443" } });
    const asked = ["127.0.0.1", "CARDS.example.org.", "evil.example.org", "*", ""];
    const answers = await Promise.all(asked.map((domain) => askHealth(`/domains?domain=${domain}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 404, 404]);
    expect((await get("/domains?domain=cards.example.org")).status).toBe(404);
  });
});

test("what does not open is said in the visitor's language, in the same words for every reason", async () => {
  const batch = await build({ expiresAt: new Date(Date.now() - 1) });
  const german = { headers: { "accept-language": "de-AT,de;q=0.9,en;q=0.5" } };
  const [expired, unknown] = [await get(`/p/${batch.token(1)}`, german), await get("/p/x", german)];
  expect(expired.text).toContain('<html lang="de" dir="ltr">');
  expect(expired.text).toContain("Dieser Link öffnet sich nicht");
  expect([unknown.status, unknown.text]).toEqual([404, expired.text]);
});
