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

test("no day is lost where the clocks are set at midnight, and no hour where they are set by half of one", async () => {
  /** Of how many recipients the page was seen in a time, and in each part of it. */
  const seenIn = async (query: Record<"timezone" | "unit" | "from" | "to", string>, times: readonly string[]) => {
    const { batchId } = await givenBatch(hub.database, spring, `${query.timezone}.csv`);
    await hub.sql`UPDATE inlet.batches SET links = 9 WHERE id = ${batchId}`;
    const told = times.map((time, index) => ({ ...event(index + 1, "page", new Date(time)), batchId }));
    await recordLinkEvents(hub.database, told);
    const { series, people } = (
      await get(`/v1/clients/spring/projects/video/results?${new URLSearchParams(query)}`)
    ).json();
    return [people.seen, series.map(({ seen }: { seen: number }) => seen)];
  };
  // Cairo, 24 April 2026: after 23:59 comes 01:00.
  const days = { timezone: "Africa/Cairo", unit: "day", from: "2026-04-21T22:00:00Z", to: "2026-04-26T21:00:00Z" };
  const noons = ["2026-04-22T10:00:00Z", "2026-04-24T09:00:00Z", "2026-04-26T09:00:00Z"];
  expect(await seenIn(days, noons)).toEqual([3, [1, 0, 1, 0, 1]]);
  // Lord Howe Island, 5 April 2026: after 01:59 comes 01:30.
  const hours = {
    timezone: "Australia/Lord_Howe",
    unit: "hour",
    from: "2026-04-04T14:00:00Z",
    to: "2026-04-04T16:30:00Z",
  };
  const [seen, series] = await seenIn(hours, ["2026-04-04T14:10:00Z", "2026-04-04T16:10:00Z"]);
  expect([seen, (series as number[]).reduce((sum, n) => sum + n)]).toEqual([2, 2]);
});

test("a first time that is told late takes the place of the later one", async () => {
  const { batchId } = await givenBatch(hub.database, spring, "late.csv");
  const page = (when: Date) => recordLinkEvents(hub.database, [{ ...event(1, "page", when), batchId }]);
  await page(at(3));
  await page(at(2));
  const { people, series } = (await get(`/v1/batches/${batchId}/results`)).json();
  expect(people.seen).toBe(1);
  expect(series.map(({ from, seen }: { from: string; seen: number }) => [from.slice(0, 10), seen])).toEqual([
    ["2026-11-02", 1],
    ["2026-11-03", 0],
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
  expect(found.series.map((point: { from: string }) => point.from.slice(0, 10))).toEqual([
    "2026-11-02",
    "2026-11-03",
    "2026-11-04",
  ]);
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
