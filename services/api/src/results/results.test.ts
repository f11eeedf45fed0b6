import { randomBytes } from "node:crypto";
import { insertLinkKey, type LinkEvent, recordLinkEvents } from "@inlet/database";
import { issueToken } from "@inlet/purl";
import { seal } from "@inlet/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { givenBatch, givenProject, openTestHub, type TestHub } from "../testing/hub.ts";

let hub: TestHub;
let spring: { projectId: number; clientId: number };
let operator: { authorization: string };
let viewer: { authorization: string };
let batchId: number;
const linkKey = randomBytes(32);

const at = (day: number, hour = 9) => new Date(Date.UTC(2026, 10, day, hour, 30));
let events = 0;
const event = (record: number, kind: LinkEvent["kind"], when: Date, more: Partial<LinkEvent> = {}): LinkEvent => ({
  ...{ batchId, record, kind, at: when, visitor: "person", detail: null, key: `e${++events}` },
  ...more,
});

beforeAll(async () => {
  hub = await openTestHub();
  spring = await givenProject(hub.database, "spring", "video");
  operator = await hub.as("operator");
  viewer = await hub.as("viewer");
  batchId = (await givenBatch(hub.database, spring, "guests.csv")).batchId;
  const sealed = seal(hub.key, linkKey, `link-key:${spring.clientId}`);
  const linkKeyId = await insertLinkKey(hub.database, { clientId: spring.clientId, sealed });
  await hub.sql`
    UPDATE inlet.batches SET status = 'completed', links = 10, withheld = 2, ended_at = ${at(1)}, link_key_id = ${linkKeyId}
    WHERE id = ${batchId}`;
  const told = [
    event(1, "thumbnail", at(1), { visitor: "prefetch" }),
    event(1, "page", at(1, 10)),
    event(1, "play", at(1, 10)),
    event(1, "complete", at(1, 10)),
    event(1, "click", at(1, 10), { detail: "offer" }),
    event(1, "click", at(2), { detail: "offer" }),
    event(1, "page", at(2)),
    event(2, "page", at(3)),
    event(2, "play", at(3)),
    event(3, "page", at(3, 23)),
    event(4, "page", at(3), { visitor: "scanner" }),
  ];
  await recordLinkEvents(hub.database, told);
  // An answer that was lost: the same once more.
  await recordLinkEvents(hub.database, told.slice(3));
});
afterAll(() => hub?.close());

const get = (url: string, headers = operator) => hub.app.inject({ url, headers });

test("a batch's results count each recipient once in each step, and persons alone", async () => {
  const { statusCode, body } = await get(`/v1/batches/${batchId}/results`);
  expect(statusCode).toBe(200);
  const results = JSON.parse(body);
  expect(results.people).toEqual({ sent: 10, seen: 3, played: 2, completed: 1, clicked: 1 });
  expect(results).toMatchObject({ withheld: 2, lastAt: "2026-11-03T23:30:00.000Z" });
  expect(results.buttons).toEqual([{ name: "offer", people: 1, times: 2 }]);
  expect(results.happened).toContainEqual({ kind: "page", visitor: "scanner", times: 1 });
  expect(results.happened).toContainEqual({ kind: "page", visitor: "person", times: 4 });
  expect(results.series).toEqual([
    { from: "2026-11-01T00:00:00.000Z", sent: 10, seen: 1, played: 1, completed: 1, clicked: 1 },
    { from: "2026-11-02T00:00:00.000Z", sent: 0, seen: 0, played: 0, completed: 0, clicked: 0 },
    { from: "2026-11-03T00:00:00.000Z", sent: 0, seen: 2, played: 1, completed: 0, clicked: 0 },
  ]);
});

test("days are those of the time zone that is asked for", async () => {
  const { series } = (await get(`/v1/batches/${batchId}/results?timezone=Europe/Athens`)).json();
  expect(series.map(({ from, seen }: { from: string; seen: number }) => [from, seen])).toEqual([
    ["2026-10-31T22:00:00.000Z", 1],
    ["2026-11-01T22:00:00.000Z", 0],
    ["2026-11-02T22:00:00.000Z", 1],
    ["2026-11-03T22:00:00.000Z", 1],
  ]);
});

test("a project's results are those of a time, without what was only rehearsed", async () => {
  const { batchId: rehearsed } = await givenBatch(hub.database, spring, "rehearsed.csv");
  await hub.sql`
    UPDATE inlet.batches SET status = 'completed', links = 5, rehearsal = true, ended_at = ${at(2)} WHERE id = ${rehearsed}`;
  await recordLinkEvents(hub.database, [{ ...event(1, "page", at(2)), batchId: rehearsed }]);
  const path = "/v1/clients/spring/projects/video/results";
  const found = (await get(`${path}?from=2026-11-02T00:00:00Z&to=2026-11-05T00:00:00Z`)).json();
  expect(found.people).toEqual({ sent: 0, seen: 2, played: 1, completed: 0, clicked: 0 });
  expect(found.series).toHaveLength(4);
  expect(found.batches).toMatchObject([
    { batchId, fileName: "guests.csv", people: { sent: 10, seen: 3, played: 2, completed: 1, clicked: 1 } },
  ]);
  expect((await get(`${path}?from=2026-11-05T00:00:00Z&to=2026-11-02T00:00:00Z`)).statusCode).toBe(400);
  expect((await get(`${path}?from=2000-01-01T00:00:00Z&unit=hour`)).json().detail).toMatch(/at most 750 points/);
});

test("what each recipient did comes page by page, and as a file that joins the result file", async () => {
  const path = `/v1/batches/${batchId}/results/recipients`;
  const first = (await get(`${path}?limit=2`)).json();
  expect(first.recipients.map(({ record }: { record: number }) => record)).toEqual([1, 2]);
  expect(first.recipients[0]).toMatchObject({ pages: 2, plays: 1, completions: 1, clicks: 2, thumbnails: 0 });
  const rest = (await get(`${path}?limit=2&cursor=${first.next}`)).json();
  expect([rest.recipients.length, rest.recipients[0].record, rest.next]).toEqual([1, 3, null]);

  const { body, headers } = await get(`${path}?format=csv`);
  expect(headers["content-disposition"]).toContain(`results-of-batch-${batchId}.csv`);
  const lines = body.trimEnd().split("\r\n");
  expect(lines[0]).toMatch(/^record,landingPage,pages,plays,/);
  expect(lines).toHaveLength(4);
  expect(lines[1]).toMatch(/^1,/);
  expect(lines[1]).toContain(`/p/${issueToken(linkKey, { batchId, recordNumber: 1 })},2,1,1,2,0,0,2026-11-01T10:30`);
  expect((await get(path, viewer)).statusCode).toBe(403);
});

test("all events come as a file", async () => {
  const { body } = await get(`/v1/batches/${batchId}/results/events`);
  const lines = body.trimEnd().split("\r\n");
  expect(lines).toHaveLength(12);
  expect(lines[0]).toBe("record,landingPage,at,kind,visitor,detail");
  expect(lines.filter((line) => line.endsWith(",click,person,offer"))).toHaveLength(2);
});
