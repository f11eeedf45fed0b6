import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { openTestStack } from "@inlet/stack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowserClient } from "./browser.ts";
import { type ApiClient, openClient } from "./index.ts";

let stack: Awaited<ReturnType<typeof openTestStack>>;
let api: ApiClient;
let key: string;
/** Answers as each test wants it: for what Inlet's own API never answers. */
let other: Server;
let otherUrl: string;
let answer: { status: number; headers: Record<string, string>; body: string };
let seen: { headers: Record<string, unknown>; body: number }[];

const PROFILE = {
  client: "spring",
  project: "video",
  folders: { uploads: "/video/Uploads" },
  tables: [{ name: "contacts", columns: [{ name: "id", type: "integer" as const }] }],
};

beforeAll(async () => {
  stack = await openTestStack({ services: ["api"] });
  key = (await readFile(stack.adminKeyFile, "utf8")).trim();
  api = openClient({ url: `${stack.apiUrl}/`, key });
  await api.applyProfile(PROFILE);
  other = createServer((request, response) => {
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on("end", () => {
      seen.push({ headers: request.headers, body: bytes });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  otherUrl = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
});
afterAll(async () => {
  other?.close();
  await stack?.stop();
});

const askOther = async (status: number, body: string, headers: Record<string, string> = {}) => {
  answer = { status, headers, body };
  seen = [];
  return await openClient({ url: otherUrl, key })
    .batches()
    .catch((error: unknown) => error);
};

test("calls give what the API says, checked and typed", async () => {
  expect(await api.identity()).toMatchObject({ role: "admin", client: null });
  expect(await api.applyProfile(PROFILE)).toMatchObject({ version: 1, changed: false });
  expect((await api.profile("spring", "video")).profile.duplicates).toEqual({ name: "reject", content: "accept" });
  expect(await api.projects()).toMatchObject([{ client: "spring", project: "video", links: false }]);
  expect(await api.batches({ status: ["failed", "rejected"], text: "a&b=c" })).toEqual({ batches: [], next: null });
  expect((await api.queues()).map(({ queue }) => queue)).toContain("validate");
  const made = await api.createApiKey({ name: "x", role: "viewer" });
  expect((await api.revokeApiKey(made.prefix)).revokedAt).not.toBe(null);
});

test("an upload streams, counts as it goes, and names its size first", async () => {
  const chunk = Buffer.alloc(100_000, "x");
  const progress: number[] = [];
  async function* body() {
    for (let n = 0; n < 20; n += 1) yield chunk;
  }
  const where = { client: "spring", project: "video", name: "contacts ü.csv", records: 3 };
  const uploaded = await api.upload({
    ...where,
    body: body(),
    sizeBytes: 2_000_000,
    onProgress: (sent) => progress.push(sent),
  });
  expect(uploaded).toMatchObject({ fileName: "contacts ü.csv", sizeBytes: 2_000_000 });
  expect(progress).toEqual(Array.from({ length: 20 }, (_, index) => (index + 1) * 100_000));
  expect(await api.arrival(uploaded.arrivalId)).toMatchObject({ state: "arrived", batchId: null });
  expect(await api.upload({ ...where, name: "blob.csv", body: new Blob(["id\n1\n"]) })).toMatchObject({ sizeBytes: 5 });

  answer = { status: 202, headers: {}, body: JSON.stringify(uploaded) };
  seen = [];
  await openClient({ url: otherUrl, key }).upload({ ...where, body: body(), sizeBytes: 2_000_000 });
  expect(seen[0]).toMatchObject({ body: 2_000_000, headers: { "content-length": "2000000" } });
});

test("what the API refuses keeps its words, its status and each mistake", async () => {
  await expect(api.batch(4711)).rejects.toMatchObject({
    name: "ApiRefusal",
    status: 404,
    code: "batch_not_found",
    retryable: false,
  });
  const broken = { ...PROFILE, folders: { uploads: "Uploads" } };
  await expect(api.applyProfile(broken)).rejects.toMatchObject({ details: [{ path: ["folders", "uploads"] }] });
  const stranger = openClient({ url: stack.apiUrl, key: `inlet_aaaaaaaaaa_${"A".repeat(43)}` });
  await expect(stranger.batches()).rejects.toMatchObject({ status: 401 });
});

test("what may pass is told from what is broken", async () => {
  const error = (code: string) => JSON.stringify({ code, detail: "in words", requestId: "r" });
  expect(await askOther(503, error("unavailable"))).toMatchObject({
    name: "Unavailable",
    message: "in words",
    retryable: true,
  });
  expect(await askOther(502, "<html>bad gateway</html>")).toMatchObject({ name: "Unavailable" });
  expect(await askOther(500, error("internal"))).toMatchObject({ name: "InvariantBroken" });
  expect(await askOther(404, "<html>not found</html>")).toMatchObject({ name: "Misconfigured", code: "no_inlet_api" });
  expect(await askOther(200, '{"batches":"many"}')).toMatchObject({ name: "Misconfigured", code: "answer_unknown" });
  await expect(openClient({ url: "http://127.0.0.1:9", key }).batches()).rejects.toMatchObject({
    name: "Unavailable",
    code: "api_unreachable",
  });
});

test("the browser's client speaks with its session, and checks nothing", async () => {
  answer = { status: 200, headers: {}, body: '{"batches":"many"}' };
  seen = [];
  const browser = openBrowserClient({ url: otherUrl });
  expect(await browser.batches()).toEqual({ batches: "many" });
  expect(seen[0]!.headers).toMatchObject({ "inlet-request": "1" });
  expect(seen[0]!.headers).not.toHaveProperty("authorization");
  expect(
    await askOther(404, JSON.stringify({ code: "batch_not_found", detail: "none", requestId: "r" })),
  ).toMatchObject({
    name: "ApiRefusal",
    code: "batch_not_found",
  });
});

test("writes carry a key of their own, or the caller's; reads carry none", async () => {
  answer = { status: 200, headers: {}, body: "{}" };
  seen = [];
  const browser = openBrowserClient({ url: otherUrl });
  const mine = browser.with({ idempotencyKey: "mine" });
  for (const retry of [browser.retry, browser.retry, mine.retry, mine.retry]) await retry(42);
  await mine.batches();
  const keys = seen.map(({ headers }) => headers["idempotency-key"]);
  expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), expect.any(String), "mine", "mine", undefined]);
  expect(keys[0]).not.toBe(keys[1]);
});

test("a document is replaced in the version that was read", async () => {
  const { version } = await api.profile("spring", "video");
  const title = { ...PROFILE, title: "Videos" };
  expect(await api.applyProfile(title, { expectedVersion: version })).toMatchObject({ version: version + 1 });
  const late = api.applyProfile({ ...PROFILE, title: "Late" }, { expectedVersion: version });
  await expect(late).rejects.toMatchObject({ status: 412, code: "precondition_failed" });
  const anew = api.applyProfile({ ...PROFILE, title: "New" }, { expectedVersion: 0 });
  await expect(anew).rejects.toMatchObject({ status: 412 });
  expect((await api.profile("spring", "video")).profile.title).toBe("Videos");
});

test("a call that its caller gives up ends with the caller's own reason", async () => {
  const giveUp = AbortSignal.abort(new Error("page left"));
  await expect(api.with({ signal: giveUp }).batches()).rejects.toThrow("page left");
});

test("a redirect is not followed: the key stays with the hub it is for", async () => {
  expect(await askOther(302, "", { location: `${otherUrl}/elsewhere` })).toMatchObject({ name: "Unavailable" });
  expect(seen).toHaveLength(1);
});
