import { randomBytes } from "node:crypto";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type { WebhookEvent } from "@inlet/contracts";
import type { OutgoingEvent } from "@inlet/pipeline";
import { openRemoteNetwork, type RemoteNetwork } from "@inlet/remote-network";
import { seal } from "@inlet/runtime";
import { pino } from "pino";
import { generate } from "selfsigned";
import { Webhook } from "standardwebhooks";
import { afterEach, expect, test } from "vitest";
import { openReceiver } from "../testing/receiver.ts";
import { openReceivers } from "./tell-receiver.ts";

const KEY = randomBytes(32);
const loopback = openRemoteNetwork({ allowed: ["127.0.0.1"], own: [] });

let open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.reverse()) await each.close();
  open = [];
});

const receiver = async (...how: Parameters<typeof openReceiver>) => {
  const opened = await openReceiver(...how);
  open.push(opened);
  return opened;
};

const EVENT: WebhookEvent = { type: "ping", timestamp: "2026-11-20T09:00:00.000Z", data: { client: "spring" } };

function tell(
  url: string,
  {
    network = loopback,
    secrets = [randomBytes(32)],
    timeoutMs = 5_000,
    ...rest
  }: { network?: RemoteNetwork; secrets?: Buffer[]; timeoutMs?: number } & Partial<OutgoingEvent> = {},
) {
  const receivers = openReceivers({ network, key: KEY, timeoutMs });
  open.push(receivers);
  return receivers.tell({
    webhookId: 1,
    clientId: 7,
    eventId: "msg_1",
    url,
    secrets: secrets.map((secret) => seal(KEY, secret, "webhook:7")),
    event: EVENT,
    signal: new AbortController().signal,
    logger: pino({ level: "silent" }),
    ...rest,
  });
}

/** As its receiver has it. */
const shared = (secret: Buffer) => new Webhook(`whsec_${secret.toString("base64")}`);

test("an event is signed as every library for Standard Webhooks checks it", async () => {
  const secret = randomBytes(24);
  const { told, url } = await receiver((_request, response) => response.writeHead(200).end("thanks"));
  const answer = await tell(url, { secrets: [secret] });
  expect(answer).toMatchObject({ status: 200, error: null, answer: "thanks" });
  const [{ headers, body }] = told as [(typeof told)[0]];
  expect(headers).toMatchObject({ "content-type": "application/json", "webhook-id": "msg_1" });
  expect(shared(secret).verify(body, headers as Record<string, string>)).toEqual(EVENT);
  expect(() => shared(randomBytes(24)).verify(body, headers as Record<string, string>)).toThrow();
  expect(() => shared(secret).verify(`${body} `, headers as Record<string, string>)).toThrow();
});

test("while a secret is rotated, the old one and the new one both prove it", async () => {
  const [fresh, old] = [randomBytes(64), randomBytes(32)];
  const { told, url } = await receiver();
  await tell(url, { secrets: [fresh, old] });
  const [{ headers, body }] = told as [(typeof told)[0]];
  expect(headers["webhook-signature"]).toMatch(/^v1,\S+ v1,\S+$/);
  for (const secret of [fresh, old]) {
    expect(shared(secret).verify(body, headers as Record<string, string>)).toEqual(EVENT);
  }
});

test("by TLS its receiver must be who it says it is", async () => {
  const pems = await generate([{ name: "commonName", value: "127.0.0.1" }], {
    extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
  });
  const { told, url } = await receiver(undefined, { key: pems.private, cert: pems.cert });
  const strange = await tell(url);
  expect(strange).toMatchObject({ status: null, error: { code: "receiver_unreachable" } });
  expect(told).toHaveLength(0);
  const trusted = getCACertificates();
  setDefaultCACertificates([...trusted, pems.cert]);
  try {
    expect(await tell(url)).toMatchObject({ status: 204, error: null });
    // Encrypted or not, an address of ours stays closed where nobody opened it.
    const closed = await tell(url, { network: openRemoteNetwork({ allowed: [], own: [] }) });
    expect(closed.error).toMatchObject({ code: "receiver_address_refused" });
  } finally {
    setDefaultCACertificates(trusted);
  }
  expect(told).toHaveLength(1);
});

test.each([
  ["http://127.0.0.1", "receiver_address_refused"],
  ["http://localhost", "receiver_address_refused"],
  ["http://[::1]", "receiver_address_refused"],
  ["http://2130706433", "receiver_address_refused"],
  ["http://169.254.169.254", "receiver_address_refused"],
  ["http://10.20.30.40", "receiver_clear_text"],
  ["https://no-such-host.invalid", "receiver_unreachable"],
])("%s is not told: %s", async (url, code) => {
  const answer = await tell(`${url}/hook`, { network: openRemoteNetwork({ allowed: [], own: [] }) });
  expect(answer).toMatchObject({ status: null, error: { code }, answer: "" });
});

test("the hub's own servers are not told, not even where their address is open", async () => {
  const { told, port, url } = await receiver();
  const network = openRemoteNetwork({ allowed: ["127.0.0.1"], own: [`redis://127.0.0.1:${port}`] });
  expect((await tell(url, { network })).error).toMatchObject({ code: "receiver_address_refused" });
  expect(told).toHaveLength(0);
});

test("a name is asked for at each connection, and only what was checked is connected to", async () => {
  const { told, port } = await receiver();
  // A name server that gives another address the second time; the rule is the real one.
  const asked: string[] = [];
  const zone = ["127.0.0.1", "169.254.169.254", "127.0.0.1"];
  const network: RemoteNetwork = {
    addressesOf({ host, port }, options) {
      asked.push(host);
      return loopback.addressesOf({ host: zone[asked.length - 1] ?? host, port }, options);
    },
  };
  const receivers = openReceivers({ network, key: KEY });
  open.push(receivers);
  const url = `http://rebinding.example:${port}/hook`;
  const event = { webhookId: 1, clientId: 7, eventId: "msg_1", url, secrets: [], event: EVENT };
  const once = { ...event, signal: new AbortController().signal, logger: pino({ level: "silent" }) };
  expect((await receivers.tell(once)).status).toBe(204);
  expect((await receivers.tell(once)).error).toMatchObject({ code: "receiver_address_refused" });
  expect((await receivers.tell(once)).status).toBe(204);
  expect(asked).toEqual(["rebinding.example", "rebinding.example", "rebinding.example"]);
  expect(told).toHaveLength(2);
});

test("a redirect is not followed", async () => {
  const inner = await receiver();
  const { url } = await receiver((_request, response) => response.writeHead(307, { location: inner.url }).end());
  const answer = await tell(url);
  expect(answer).toMatchObject({ status: 307, error: { code: "receiver_redirects" } });
  expect(inner.told).toHaveLength(0);
});

test("of an endless answer its beginning is read, and its status counts", async () => {
  let isOpen = true;
  const { url } = await receiver((_request, response) => {
    response.on("close", () => {
      isOpen = false;
    });
    response.writeHead(200);
    const more = () => {
      if (isOpen) response.write("x".repeat(1_000), more);
    };
    more();
  });
  const answer = await tell(url);
  expect(answer).toMatchObject({ status: 200, error: null });
  expect(answer.answer).toBe("x".repeat(2_048));
  await expect.poll(() => isOpen).toBe(false);
});

test("what people are shown of an answer is text", async () => {
  const { url } = await receiver((_request, response) => response.writeHead(500).end("a\u0000b\r\nc\u001b[31m\t€"));
  expect((await tell(url)).answer).toBe("a\ufffdb\nc\ufffd[31m\t€");
});

test("a receiver that does not answer is left after a while, and one whose answer never ends has answered", async () => {
  const silent = await receiver(() => {});
  expect(await tell(silent.url, { timeoutMs: 200 })).toMatchObject({ status: null, error: { code: "receiver_slow" } });
  const dripping = await receiver((_request, response) => response.writeHead(202).write("taken"));
  expect(await tell(dripping.url, { timeoutMs: 200 })).toMatchObject({ status: 202, error: null, answer: "taken" });
});

test.each([
  ["seconds", () => "120", 120_000],
  ["a date", () => new Date(Date.now() + 60_000).toUTCString(), 60_000],
  ["what is neither", () => "soon", 0],
  ["a time that has passed", () => new Date(0).toUTCString(), 0],
])("a receiver asks for a pause by %s", async (_what, text, expected) => {
  const { url } = await receiver((_request, response) => response.writeHead(503, { "retry-after": text() }).end());
  const { error, retryAfterMs = 0 } = await tell(url);
  expect(error).toMatchObject({ code: "receiver_refuses" });
  expect(Math.abs(retryAfterMs - expected)).toBeLessThan(3_000);
});

test("nobody there, and a connection that breaks off, are faults that may pass", async () => {
  const gone = await openReceiver();
  await gone.close();
  expect((await tell(gone.url)).error).toMatchObject({ code: "receiver_unreachable", retryable: true });
  const rude = await receiver((request) => request.socket.destroy());
  expect((await tell(rude.url)).error).toMatchObject({ code: "receiver_unreachable", retryable: true });
});
