import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { openRemoteNetwork, type RemoteNetwork } from "@inlet/remote-network";
import { generate } from "selfsigned";
import { afterEach, describe, expect, test } from "vitest";
import { openRemoteHttp } from "./remote-http.ts";

const loopback = openRemoteNetwork({ allowed: ["127.0.0.1"], own: [] });

let open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.reverse()) await each.close();
  open = [];
});

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

async function serve(answer: Answer, tls?: { key: string; cert: string }) {
  const listener = (request: IncomingMessage, response: ServerResponse) => void answer(request, response);
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  let connections = 0;
  server.on(tls ? "secureConnection" : "connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  open.push({ close });
  return { port, url: `${tls ? "https" : "http"}://127.0.0.1:${port}`, connections: () => connections };
}

function http(options: Partial<Parameters<typeof openRemoteHttp>[0]> = {}) {
  const opened = openRemoteHttp({ network: loopback, timeoutMs: 5_000, ...options });
  open.push(opened);
  return opened;
}

const text = ({ body }: { body: Buffer }) => body.toString();

test("asks with method, headers and body; tells status, headers, cookies and body", async () => {
  const { url } = await serve(async (request, response) => {
    const body = await buffer(request);
    response.writeHead(
      418,
      [
        ["Set-Cookie", "a=1"],
        ["Set-Cookie", "b=2; Path=/"],
        ["X-Two", "1"],
        ["X-Two", "2"],
      ].flat(),
    );
    response.end(`${request.method} ${request.url} ${request.headers["x-mine"]} ${body}`);
  });
  const answer = await http().request({
    method: "POST",
    url: `${url}/p?q=1`,
    headers: { "X-Mine": "m" },
    body: "hello",
  });
  expect(answer).toMatchObject({ status: 418, headers: { "x-two": "1, 2" }, cookies: ["a=1", "b=2; Path=/"] });
  expect(text(answer)).toBe("POST /p?q=1 m hello");
});

describe("bodies", () => {
  const plain = Buffer.from("x".repeat(100_000));
  test.each([
    ["gzip", gzipSync(plain)],
    ["deflate", deflateSync(plain)],
    ["br", brotliCompressSync(plain)],
    ["deflate, gzip", gzipSync(deflateSync(plain))],
    ["identity", plain],
  ])("%s is unpacked", async (encoding, bytes) => {
    const { url } = await serve((_request, response) =>
      response.writeHead(200, { "content-encoding": encoding }).end(bytes),
    );
    expect((await http().request({ url })).body.equals(plain)).toBe(true);
  });

  const packed = gzipSync(Buffer.from(JSON.stringify(Array.from({ length: 5_000 }, (_, i) => ({ i })))));
  test.each<[string, Answer]>([
    [
      "less than content-length",
      (_request, response) => response.writeHead(200, { "content-length": 100 }).write("x", () => response.destroy()),
    ],
    ["chunks without their end", (_request, response) => response.writeHead(200).write("x", () => response.destroy())],
    [
      "half of what is packed, though HTTP is content",
      (_request, response) =>
        response.writeHead(200, { "content-encoding": "gzip" }).end(packed.subarray(0, packed.length / 2)),
    ],
    [
      "packed, and broken off on the way",
      (_request, response) =>
        response
          .writeHead(200, { "content-encoding": "gzip" })
          .write(packed.subarray(0, 500), () => response.destroy()),
    ],
    [
      "not packed as it says",
      (_request, response) => response.writeHead(200, { "content-encoding": "gzip" }).end("plain"),
    ],
    [
      "packed in a way that was not asked for",
      (_request, response) => response.writeHead(200, { "content-encoding": "compress" }).end("x"),
    ],
    ["no answer but an end", (request) => request.socket.destroy()],
    ["no HTTP", (request) => request.socket.end("+OK ready\r\n")],
  ])("%s is broken", async (_what, answer) => {
    const { url } = await serve(answer);
    await expect(http().request({ url })).rejects.toMatchObject({ code: "http_broken", retryable: true });
  });

  test.each([
    ["a bomb", { "content-encoding": "gzip" }, gzipSync(Buffer.alloc(50_000_000))],
    ["a bomb within a bomb", { "content-encoding": "gzip, gzip" }, gzipSync(gzipSync(Buffer.alloc(50_000_000)))],
    ["a long answer", {}, Buffer.alloc(2_000_000)],
  ])("%s is given up", async (_what, headers, bytes) => {
    const { url } = await serve((_request, response) => response.writeHead(200, headers).end(bytes));
    const before = process.memoryUsage().arrayBuffers;
    const asked = http({ maxBytes: 1_000_000 }).request({ url });
    await expect(asked).rejects.toMatchObject({ code: "http_too_large", retryable: false });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
  });

  test.each(["zstd", "constructor", "__proto__", "gzip, gzip, gzip, gzip"])(
    "packed as %s is given up, and its connection with it",
    async (encoding) => {
      const closed = Promise.withResolvers<void>();
      const { url } = await serve((request, response) => {
        request.socket.on("close", () => closed.resolve());
        response.writeHead(200, { "content-encoding": encoding }).write("x");
      });
      await expect(http().request({ url })).rejects.toMatchObject({
        code: "http_broken",
        message: expect.stringContaining(`packed as ${encoding}, which was not asked for`),
      });
      await closed.promise;
    },
  );

  test("an answer to HEAD, and one without content, has none to unpack", async () => {
    const { url } = await serve((request, response) =>
      response.writeHead(request.method === "HEAD" ? 200 : 204, { "content-encoding": "gzip" }).end(),
    );
    expect((await http().request({ method: "HEAD", url })).body).toHaveLength(0);
    expect((await http().request({ url })).status).toBe(204);
  });
});

describe("time", () => {
  test.each<[string, Answer]>([
    ["no answer", () => {}],
    [
      "one that drips",
      (_request, response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write("x"), 10);
        response.on("close", () => clearInterval(drip));
      },
    ],
  ])("%s is given up", async (_what, answer) => {
    const { url } = await serve(answer);
    const asked = http().request({ url: `${url}/p?key=hush`, timeoutMs: 100 });
    await expect(asked).rejects.toMatchObject({ code: "http_timeout", message: `${url} did not answer within 0.1 s.` });
  });

  test("whoever asked may stop waiting, before and in the middle", async () => {
    const controller = new AbortController();
    const { url } = await serve(() => controller.abort(new Error("stopped")));
    await expect(http().request({ url, signal: controller.signal })).rejects.toThrow("stopped");
    await expect(http().request({ url, signal: controller.signal })).rejects.toThrow("stopped");
  });
});

describe("where requests go", () => {
  const nowhere = openRemoteNetwork({ allowed: [], own: [] });

  test.each([
    ["http://127.0.0.1:1/?key=hush", "remote_address_refused", "http://127.0.0.1:1 is at 127.0.0.1"],
    ["https://localhost/", "remote_address_refused", "https://localhost is at"],
    ["http://[::1]/", "remote_address_refused", "http://[::1] is at ::1"],
    ["http://0x7f.1/", "remote_address_refused", "http://127.0.0.1 is at"],
    ["https://169.254.169.254/latest", "remote_address_refused", "169.254.169.254"],
    ["http://10.20.30.40/", "remote_clear_text", "http://10.20.30.40 is not asked in clear text"],
    ["https://no-such-host.invalid/?key=hush", "http_unreachable", "https://no-such-host.invalid cannot be reached"],
  ])("%s: %s", async (url, code, words) => {
    const error = await http({ network: nowhere })
      .request({ url })
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringContaining(words) });
    expect(error.message).not.toContain("hush");
  });

  test("a port where nobody listens is said to be unreachable", async () => {
    const { url, port } = await serve(() => {});
    await open.pop()!.close();
    const asked = http().request({ url: `${url}/path?key=hush` });
    await expect(asked).rejects.toMatchObject({
      code: "http_unreachable",
      message: expect.stringMatching(`^${url} cannot be reached: .*ECONNREFUSED 127.0.0.1:${port}`),
    });
  });

  test("a name is looked up for each connection, and only what was checked is connected to", async () => {
    const { port } = await serve((_request, response) => response.end("ok"));
    // A name server that gives another address the second time; the rule is the real one.
    const zone = ["127.0.0.1", "169.254.169.254"];
    const network: RemoteNetwork = {
      addressesOf: ({ port }, options) => loopback.addressesOf({ host: zone.shift()!, port }, options),
    };
    const rebinding = http({ network, keepMs: 0 });
    const url = `http://rebinding.example:${port}/`;
    expect(text(await rebinding.request({ url }))).toBe("ok");
    await expect(rebinding.request({ url })).rejects.toMatchObject({ code: "remote_address_refused" });
  });

  test("a connection is used again for a while, and no longer", async () => {
    const { url, connections } = await serve((_request, response) => response.end("ok"));
    const keeping = http({ keepMs: 100 });
    for (let i = 0; i < 10; i += 1) await keeping.request({ url });
    // A second one is opened where the first has not quite come to rest.
    const opened = connections();
    expect(opened).toBeLessThanOrEqual(2);
    // However busy it is: a connection that is never idle is made anew, too.
    const isAnew = async () => {
      await keeping.request({ url });
      return connections() > opened;
    };
    await expect.poll(isAnew, { interval: 5 }).toBe(true);
    const before = connections();
    const once = http({ keepMs: 0 });
    for (let i = 0; i < 3; i += 1) await once.request({ url });
    expect(connections()).toBe(before + 3);
  });
});

describe("redirects", () => {
  test("within the origin they are followed, a few of them, with the headers", async () => {
    const { url } = await serve((request, response) => {
      if (request.url === "/items/?page=2") return response.end(`here ${request.headers.authorization}`);
      response.writeHead(308, { location: request.url!.startsWith("/loop") ? "/loop" : "/items/?page=2" }).end();
    });
    expect(text(await http().request({ url: `${url}/items?page=2`, headers: { authorization: "Bearer t" } }))).toBe(
      "here Bearer t",
    );
    expect(await http().request({ url: `${url}/loop` })).toMatchObject({ status: 308 });
    expect(await http().request({ method: "POST", url: `${url}/items` })).toMatchObject({ status: 308 });
  });

  test("to elsewhere they are not followed, not even on the same machine", async () => {
    let visits = 0;
    const inner = await serve((_request, response) => {
      visits += 1;
      response.end("secret");
    });
    const { url } = await serve((_request, response) => response.writeHead(302, { location: inner.url }).end());
    expect(await http().request({ url })).toMatchObject({ status: 302, headers: { location: inner.url } });
    expect(visits).toBe(0);
  });

  test("each connection on the way is checked anew", async () => {
    const { port } = await serve((request, response) =>
      response.writeHead(request.url === "/a" ? 302 : 200, { location: "/b", connection: "close" }).end("inside"),
    );
    const zone = ["127.0.0.1", "169.254.169.254"];
    const network: RemoteNetwork = {
      addressesOf: ({ port }, options) => loopback.addressesOf({ host: zone.shift()!, port }, options),
    };
    const asked = http({ network }).request({ url: `http://rebinding.example:${port}/a` });
    await expect(asked).rejects.toMatchObject({ code: "remote_address_refused" });
  });
});

describe("certificates", () => {
  const made = generate([{ name: "commonName", value: "127.0.0.1" }], {
    extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
  });

  test("one that nobody knows is trusted only where the profile has it", async () => {
    const { private: key, cert } = await made;
    const { url, port } = await serve((_request, response) => response.end("ok"), { key, cert });
    await expect(http().request({ url })).rejects.toMatchObject({ code: "http_certificate", retryable: false });
    expect(text(await http({ tlsCa: cert }).request({ url }))).toBe("ok");
    // It is who it says, and nobody else.
    const network: RemoteNetwork = {
      addressesOf: ({ port }, options) => loopback.addressesOf({ host: "127.0.0.1", port }, options),
    };
    const other = http({ tlsCa: cert, network }).request({ url: `https://erp.example:${port}/` });
    await expect(other).rejects.toMatchObject({ code: "http_certificate" });
  });

  test("the environment does not switch the checking off", async () => {
    const { private: key, cert } = await made;
    const { url } = await serve((_request, response) => response.end("ok"), { key, cert });
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    try {
      await expect(http().request({ url })).rejects.toMatchObject({ code: "http_certificate" });
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
  });

  test("what is no certificate is said to be none", () => {
    const tlsCa = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
    expect(() => http({ tlsCa })).toThrow("tls.ca");
  });
});

test("a header that would break the request is refused, and not repeated", async () => {
  const { url } = await serve((_request, response) => response.end());
  const error = await http()
    .request({ url, headers: { authorization: "Bearer hush\nx: y" } })
    .catch((thrown) => thrown);
  expect(error).toMatchObject({ code: "http_request_invalid", retryable: false });
  expect(error.message).not.toContain("hush");
});

test("what is no address is refused, and not repeated", async () => {
  for (const url of ["erp.example?key=hush", "https://erp.example:99999/?key=hush"]) {
    const error = await http()
      .request({ url })
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "http_request_invalid", retryable: false });
    expect(JSON.stringify([error, error.message, error.cause])).not.toContain("hush");
  }
});
