import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestHub, type TestHub } from "../testing/hub.ts";

let hub: TestHub;
let folder: string;
let app: TestHub["app"];
let url: string;

const script = "export const answer = 42;".repeat(50);
const browser = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inlet console "));
  const dist = join(folder, "dist");
  await mkdir(join(dist, "assets"), { recursive: true });
  await writeFile(
    join(dist, "index.html"),
    "<!doctype html><html><head><title>Inlet</title></head><body></body></html>",
  );
  await writeFile(join(dist, "mark.svg"), "<svg xmlns='http://www.w3.org/2000/svg'/>");
  await writeFile(join(dist, "assets/index-AbC123.js"), script);
  await writeFile(join(dist, "assets/index-AbC123.js.br"), brotliCompressSync(script));
  await writeFile(join(dist, "assets/.secret"), "secret");
  await writeFile(join(folder, "secret.txt"), "secret");
  hub = await openTestHub({ CONSOLE_DIST: dist });
  app = hub.app;
  url = await app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await hub?.close();
  await rm(folder, { recursive: true, force: true });
});

const get = (url: string, headers: Record<string, string> = browser) => app.inject({ url, headers });

test.each(["/", "/batches/42", "/projects/spring/video?tab=profile", "/operations", "/v1x", "/audit/"])(
  "%s is the console's page, which runs nothing but its own scripts",
  async (path) => {
    const response = await get(path);
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
    });
    const nonce = /<meta property="csp-nonce" nonce="([\w-]{22})">/.exec(response.body)?.[1];
    const policy = String(response.headers["content-security-policy"]);
    expect(policy.split("; ")).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        `style-src 'self' 'nonce-${nonce}'`,
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ]),
    );
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect((await get(path)).body).not.toBe(response.body);
  },
);

test("its files are kept for a year, compressed as they were built, and seen by anybody", async () => {
  const plain = await get("/assets/index-AbC123.js", {});
  expect([plain.statusCode, plain.body]).toEqual([200, script]);
  expect(plain.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  expect(plain.headers["content-type"]).toMatch(/javascript/);
  const small = await get("/assets/index-AbC123.js", { "accept-encoding": "gzip, br" });
  expect(small.headers).toMatchObject({ "content-encoding": "br", vary: expect.stringMatching(/accept-encoding/i) });
  expect(String(brotliDecompressSync(small.rawPayload))).toBe(script);
  expect((await get("/mark.svg")).headers["content-type"]).toMatch(/svg/);
});

test.each([
  "/assets/nothing.js",
  "/assets/",
  "/assets/../../secret.txt",
  "/assets/..%2f..%2fsecret.txt",
  "/assets/%2e%2e/%2e%2e/secret.txt",
  "/assets/..%5c..%5csecret.txt",
  "/assets//etc/passwd",
  "/assets/.secret",
  "/assets/%00",
  "/assets/index-AbC123.js/x",
])("%s is no file of the console's", async (path) => {
  // As it stands: other clients would tidy the path up.
  const { statusCode, headers, body } = await new Promise<{ statusCode: number; headers: object; body: string }>(
    (resolve, reject) => {
      request(`${url}`, { path }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ statusCode: response.statusCode!, headers: response.headers, body: String(Buffer.concat(chunks)) }),
        );
      })
        .on("error", reject)
        .end();
    },
  );
  expect(statusCode).toBeGreaterThanOrEqual(400);
  expect(body).not.toBe("secret");
  expect(JSON.parse(body).requestId).toBeTypeOf("string");
  expect(headers).toMatchObject({ "cache-control": "no-store" });
});

test.each([
  ["GET", "/v1/nothing"],
  ["GET", "/v1"],
  ["GET", "/docs/nothing"],
  ["GET", "/operations/queues/nothing/at/all/here"],
  ["POST", "/batches"],
  ["DELETE", "/"],
] as const)("%s %s is no page", async (method, url) => {
  const response = await app.inject({ method, url, headers: { ...browser, ...(await hub.as("admin")) } });
  expect(response.statusCode).toBe(404);
  expect(response.json().code).toBe("no_such_route");
});

test("a program that mistypes an address is told so", async () => {
  const response = await get("/batches", { accept: "application/json" });
  expect([response.statusCode, response.json().code]).toEqual([404, "no_such_route"]);
});

test("without a build the page says how to build it", async () => {
  const bare = await hub.appWith({ CONSOLE_DIST: join(folder, "nothing") });
  const response = await bare.inject({ url: "/", headers: browser });
  expect(response.statusCode).toBe(503);
  expect(response.body).toContain("npm start");
  expect((await bare.inject({ url: "/assets/x.js" })).statusCode).toBe(404);
});
