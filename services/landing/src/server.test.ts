import { rm } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Blobs, openBlobs } from "@inlet/blobs";
import { type Database, insertRevocation, openDatabase } from "@inlet/database";
import { issueToken } from "@inlet/purl";
import { openTestStack, waitFor } from "@inlet/stack";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildLinkedBatch } from "./testing/linked-batch.ts";

let stack: Awaited<ReturnType<typeof openTestStack>>;
let database: Database;
let blobs: Blobs;

beforeAll(async () => {
  stack = await openTestStack({ services: ["landing"], serviceEnv: { landing: { LOG_LEVEL: "debug" } } });
  database = openDatabase(stack.databaseUrl, { applicationName: "test" });
  blobs = openBlobs(join(stack.dataFolder, "blobs"));
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
function rawStatus(target: string, method = "GET", headers = ""): Promise<string> {
  const { hostname, port } = new URL(stack.landingUrl);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`${method} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`);
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
    const answers = await Promise.all([
      ...tokens.map((token) => get(`/p/${token}`)),
      ...tokens.map((token) => get(`/t/${token}.png`)),
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
  });

  test("and about the same time: a malformed, a forged and a revoked token are told apart by none", async () => {
    const batch = await build();
    await insertRevocation(database, { batchId: batch.batchId, record: null });
    const forged = issueToken(Buffer.alloc(32), { batchId: batch.batchId, recordNumber: 1 });
    const tokens = ["x", forged, batch.token(1)];
    const fastest = tokens.map(() => Number.POSITIVE_INFINITY);
    for (let round = 0; round < 8; round++) {
      for (const [i, token] of tokens.entries()) {
        const startedMs = performance.now();
        await get(`/p/${token}`);
        fastest[i] = Math.min(fastest[i]!, performance.now() - startedMs);
      }
    }
    expect(Math.min(...fastest)).toBeGreaterThanOrEqual(28);
    expect(Math.max(...fastest) - Math.min(...fastest)).toBeLessThan(10);
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
    expect(await viewForAWhile(`/p/${batch.token(1)}`, page.text)).toBeLessThan(1_000);
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
    expect(await viewForAWhile(`/p/${warm.token(1)}`, page.text)).toBeLessThan(1_000);
    expect((await get(`/t/${warm.token(2)}.png`)).status).toBe(200);
    const away = await get(`/p/${cold.token(1)}`);
    expect([away.status, away.headers["retry-after"]]).toEqual([503, "5"]);
  } finally {
    await stack.process("postgres").start();
  }
  await expect.poll(async () => (await get(`/p/${cold.token(1)}`)).status, { timeout: 30_000 }).toBe(200);
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

async function healthMetrics(): Promise<string> {
  const line = stack.recentLines("landing").find((entry) => entry.includes("landing is ready"));
  if (line === undefined) throw new Error("landing has not said that it is ready");
  const { healthPort } = JSON.parse(line) as { healthPort: number };
  return await new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port: healthPort, path: "/metrics" }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    })
      .on("error", reject)
      .end();
  });
}

async function drawnPictures(): Promise<number> {
  return Number(/^inlet_landing_thumbnail_seconds_count\S* (\d+)$/m.exec(await healthMetrics())?.[1]);
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
