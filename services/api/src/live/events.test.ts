import { request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { waitFor } from "@inlet/stack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { givenBatch, givenProject, openTestHub, type TestHub } from "../testing/hub.ts";
import { openCallerStreams } from "./caller-streams.ts";
import type { EventStream } from "./event-stream.ts";

let hub: TestHub;
let spring: { projectId: number; clientId: number };
let iris: { projectId: number; clientId: number };

beforeAll(async () => {
  hub = await openTestHub({ API_STREAMS_PER_CALLER: 2 });
  spring = await givenProject(hub.database, "spring", "video");
  iris = await givenProject(hub.database, "iris", "catalogue");
  await hub.app.listen({ host: "127.0.0.1", port: 0 });
}, 120_000);
afterAll(() => hub?.close());

interface Told {
  event: string;
  data: never;
  id: string;
}

/** A stream as a browser has it. */
async function listen(headers: Record<string, string>, query = "") {
  const { port } = hub.app.server.address() as AddressInfo;
  const events: Told[] = [];
  let text = "";
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = httpRequest({ host: "127.0.0.1", port, path: `/v1/events${query}`, headers }, resolve).on(
    "error",
    reject,
  );
  request.end();
  const response = await promise;
  let isOver = false;
  response.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    const parts = text.split("\n\n");
    text = parts.pop()!;
    for (const part of parts) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(part)?.[1];
      const event = field("event");
      if (event) events.push({ event, data: JSON.parse(field("data")!) as never, id: field("id")! });
    }
  });
  response.on("close", () => {
    isOver = true;
  });
  const stream = {
    response,
    events,
    named: (event: string) => events.filter((told) => told.event === event),
    batches: () => events.flatMap(({ event, data }) => (event === "batches" ? (data as { id: number }[]) : [])),
    async until(what: string, isThere: () => boolean) {
      await waitFor(async () => isThere() || undefined, { timeoutMs: 30_000, what, everyMs: 10 });
    },
    get isOver() {
      return isOver;
    },
    close: () => request.destroy(),
  };
  if (response.statusCode === 200) await stream.until("ready", () => stream.named("ready").length > 0);
  return stream;
}

/** The hub listens to Redis itself: what it publishes comes back to it. */
async function untilHeard(stream: Awaited<ReturnType<typeof listen>>, owner: typeof spring) {
  const { batchId } = await givenBatch(hub.database, owner, `heard ${Math.random()}.csv`);
  await waitFor(
    async () => {
      hub.publisher.changed({ batches: [batchId] });
      return stream.batches().some(({ id }) => id === batchId) || undefined;
    },
    { timeoutMs: 30_000, what: "a change heard", everyMs: 100 },
  );
}

test("a change is told to those who may see it, and to nobody else", async () => {
  const everybody = await listen(await hub.as("viewer"));
  const ofSpring = await listen(await hub.as("client", "spring"));
  const ofIris = await listen(await hub.as("client", "iris"));
  // To name another client does not help.
  const curious = await listen(await hub.as("client", "iris"), "?client=spring");
  for (const [stream, owner] of [
    [everybody, spring],
    [ofSpring, spring],
    [ofIris, iris],
  ] as const) {
    await untilHeard(stream, owner);
  }
  const { batchId, runId } = await givenBatch(hub.database, spring, "fresh.csv");
  const { batchId: other } = await givenBatch(hub.database, iris, "other.csv");
  hub.publisher.changed({ batches: [batchId, other], runs: [] });
  await everybody.until("both", () =>
    [batchId, other].every((id) => everybody.batches().some((each) => each.id === id)),
  );
  await ofSpring.until("its own", () => ofSpring.batches().some(({ id }) => id === batchId));
  await ofSpring.until("its run", () =>
    ofSpring.named("runs").some(({ data }) => (data as { id: number }[]).some(({ id }) => id === runId)),
  );
  expect(ofSpring.batches().find(({ id }) => id === batchId)).toMatchObject({
    client: "spring",
    project: "video",
    table: "contacts",
    runId,
    fileName: "fresh.csv",
    status: "received",
    mark: "waiting",
    counts: {},
    stage: null,
  });
  await ofIris.until("its own", () => ofIris.batches().some(({ id }) => id === other));
  expect(JSON.stringify(ofIris.events)).not.toContain("spring");
  expect(JSON.stringify(ofSpring.events)).not.toContain("iris");
  expect(curious.batches()).toEqual([]);
  expect(curious.named("runs")).toEqual([]);
  for (const stream of [everybody, ofSpring, ofIris, curious]) stream.close();
});

test("a stream is told of what it asked for alone", async () => {
  const { batchId, runId } = await givenBatch(hub.database, spring, "asked.csv");
  const { batchId: other } = await givenBatch(hub.database, spring, "not asked.csv");
  const key = await hub.as("viewer");
  const ofBatch = await listen(key, `?batch=${batchId}`);
  const ofProject = await listen(key, "?client=iris&project=catalogue");
  await untilHeard(ofProject, iris);
  hub.publisher.changed({ batches: [other, batchId] });
  await ofBatch.until("the batch and its run", () => ofBatch.batches().length > 0 && ofBatch.named("runs").length > 0);
  expect(ofBatch.batches().map(({ id }) => id)).toEqual([batchId]);
  expect((ofBatch.named("runs")[0]!.data as { id: number }[]).map(({ id }) => id)).toEqual([runId]);
  expect(JSON.stringify(ofProject.events)).not.toContain("spring");
  ofBatch.close();
  ofProject.close();
});

test("its headers keep proxies from holding it back, and coming back means asking anew", async () => {
  const key = await hub.as("viewer");
  const first = await listen(key);
  expect(first.response.headers).toMatchObject({
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
  });
  const again = await listen({ ...key, "last-event-id": first.events[0]!.id });
  await again.until("reset", () => again.named("reset").length > 0);
  expect(again.named("reset")[0]!.data).toEqual({ reason: "resumed" });
  // Two are open; a third is one too many.
  const third = await listen(key);
  expect(third.response.statusCode).toBe(429);
  first.close();
  again.close();
});

test("who is not known gets no stream, and neither does a key that may not read", async () => {
  const stranger = await listen({});
  expect(stranger.response.statusCode).toBe(401);
  const narrowed = await hub.app.inject({
    method: "POST",
    url: "/v1/api-keys",
    headers: await hub.as("admin"),
    payload: { name: "sends files", role: "client", client: "spring", access: ["send"] },
  });
  const sender = await listen({ authorization: `Bearer ${narrowed.json().key}` });
  expect(sender.response.statusCode).toBe(403);
  sender.close();
});

test("a revoked key and a caller whose client was changed lose their streams", async () => {
  const streams = openCallerStreams(hub.database, () => {});
  const ended: string[] = [];
  const [revoked, moved, kept] = await Promise.all(
    ["revoked", "moved", "kept"].map(async (name) => {
      const { authorization } = await hub.as("viewer");
      const prefix = authorization.split("_")[1]!;
      const [row] = await hub.sql<{ id: number }>`SELECT id FROM inlet.api_keys WHERE prefix = ${prefix}`;
      const stream: EventStream = { write() {}, end: () => ended.push(name), isOpen: true };
      const caller = {
        kind: "key",
        id: row!.id,
        name,
        role: "viewer",
        scope: null,
        client: null,
        permissions: [],
        prefix,
      } as const;
      streams.add(stream, caller);
      return row!.id;
    }),
  );
  await streams.look();
  expect(ended).toEqual([]);
  await hub.sql`UPDATE inlet.api_keys SET revoked_at = now() WHERE id = ${revoked}`;
  await hub.sql`UPDATE inlet.api_keys SET client_id = ${iris.clientId} WHERE id = ${moved}`;
  await streams.look();
  expect(ended.sort()).toEqual(["moved", "revoked"]);
  expect(kept).toBeGreaterThan(0);
  streams.close();
});

test("after Redis was away everybody is told to ask anew, and is told of changes again", async () => {
  const stream = await listen(await hub.as("viewer"));
  await untilHeard(stream, spring);
  const before = stream.named("reset").length;
  await hub.stack.process("redis").stop();
  await hub.stack.process("redis").start();
  await stream.until("reset", () => stream.named("reset").length > before);
  expect(stream.named("reset").at(-1)!.data).toEqual({ reason: "interrupted" });
  await untilHeard(stream, spring);
  stream.close();
}, 60_000);

test("a shutdown ends the streams and does not wait for them", async () => {
  const stream = await listen(await hub.as("viewer"));
  const startedMs = performance.now();
  await hub.app.close();
  await stream.until("its end", () => stream.isOver);
  expect(performance.now() - startedMs).toBeLessThan(20_000);
});
