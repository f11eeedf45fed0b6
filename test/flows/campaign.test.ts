import { readFile } from "node:fs/promises";
import { type ApiClient, openClient as openApi } from "@inlet/client";
import type { StoryboardInput } from "@inlet/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Hub, openClient, openHub, waitFor } from "../fixtures/hub.ts";
import { buildProfile, buildTable } from "../fixtures/profile.ts";

/** A campaign from its storyboard to its results: who gets a link, what it shows, and what comes of it. */

let hub: Hub;
let api: ApiClient;

const PROFILE = buildProfile({
  notify: {},
  tables: [buildTable({ invalid: { policy: "skip", maxPercent: 50 } })],
});
const { client, project } = PROFILE;

beforeAll(async () => {
  hub = await openHub({
    services: ["watcher", "validator", "purl-generator", "importer", "courier", "api", "landing"],
  });
  const key = await waitFor(
    () => readFile(hub.stack.adminKeyFile, "utf8").catch(() => undefined),
    "the first admin key",
  );
  api = openApi({ url: hub.stack.apiUrl, key: key.trim() });
  await openClient(hub, PROFILE);
});
afterAll(() => hub?.stop());

const storyboard = (greeting: string): StoryboardInput => ({
  title: "Spring offers",
  requirements: [
    { condition: { all: [{ field: "name", is: "filled" }] }, message: "An offer needs somebody's name." },
    { condition: { any: [{ field: "amount", is: "greater", value: "0" }] }, message: "Nothing is offered." },
  ],
  scenes: [
    {
      name: "offer",
      durationMs: 2_000,
      layers: [
        { kind: "text", text: `${greeting} {{name}}: {{amount:number}}`, box: { x: 0, y: 0, width: 900, height: 200 } },
      ],
    },
  ],
});

/** Saves a storyboard as the draft, and publishes it. */
async function publish(document: StoryboardInput): Promise<number> {
  const { draft } = await api.storyboard(client, project);
  const { revision } = await api.saveStoryboardDraft(client, project, { document, revision: draft?.revision ?? 0 });
  return (await api.publishStoryboard(client, project, { revision })).version;
}

/** Uploads a file, and waits for the end of its batch. */
async function send(name: string, text: string) {
  const body = new Blob([text]);
  const { arrivalId } = await api.upload({ client, project, name, sizeBytes: body.size, body: body.stream() });
  return await waitFor(async () => {
    const { batchId } = await api.arrival(arrivalId);
    const found = batchId === null ? undefined : await api.batch(batchId);
    return found?.endedAt ? found : undefined;
  }, `the end of ${name}`);
}

/** A batch's result file with words for its links, and the addresses of its pages. */
async function resultOf(batchId: number): Promise<{ text: string; pages: string[] }> {
  const { body } = await api.artifact(batchId, "result");
  const text = await new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>).text();
  const link = (end: string) => new RegExp(`${hub.stack.landingUrl}/${end}`, "g");
  const page = link("p/[\\w-]+");
  return {
    text: text.replace(link("t/[\\w-]+\\.png"), "PICTURE").replace(page, "PAGE"),
    pages: text.match(page) ?? [],
  };
}

const PHONE = { "user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Safari/604.1" };

/** What a link's page shows of its film. */
async function filmOf(link: string): Promise<string> {
  const page = await (await fetch(link, { headers: PHONE })).text();
  const data = /<script type="application\/json" id="inlet-film">(.*?)<\/script>/s.exec(page)![1]!;
  return JSON.parse(data).film.scenes[0].layers[0].text;
}

test("rows without what a storyboard requires get no link, the others their film, and what comes of it is counted", async () => {
  expect(await publish(storyboard("Hello"))).toBe(1);
  const rows = ["1,Ada,1250.50", "2,,20.00", "three,Bob,5.00", '4,"Bob\nand ""Eve""",7.00', "5,,0.00", "6,Zoë,8.00"];
  const batch = await send("offers.csv", `id,name,amount\n${rows.join("\n")}\n`);
  expect(batch).toMatchObject({
    status: "partial",
    counts: { records: 6, valid: 5, rejected: 1, imported: 5, links: 3, withheld: 2 },
  });
  const { issues } = await api.issues(batch.id);
  expect(issues.map(({ record, code, severity, message }) => [record, code, severity, message])).toEqual([
    [2, "link_withheld", "warning", "No link: An offer needs somebody's name."],
    [3, "not_an_integer", "error", expect.any(String)],
    [5, "link_withheld", "warning", "No link: An offer needs somebody's name."],
    [5, "link_withheld", "warning", "No link: Nothing is offered."],
  ]);

  const { text, pages } = await resultOf(batch.id);
  const linked = (row: string) => `${row},PICTURE,PAGE`;
  const unlinked = (row: string) => `${row},,`;
  const [ada, nameless, , bobAndEve, free, zoe] = rows as [string, string, string, string, string, string];
  expect(text.trimEnd().split(/\n(?=\d)/)).toEqual([
    "id,name,amount,thumbnail_1,landingPage",
    ...[linked(ada), unlinked(nameless), linked(bobAndEve), unlinked(free), linked(zoe)],
  ]);
  const [adas, , zoes] = pages as [string, string, string];
  expect(await filmOf(adas)).toBe("Hello Ada: 1,250.50");
  expect(await filmOf(zoes)).toBe("Hello Zoë: 8.00");

  const told = { view: "a-view-of-it", kind: "play" };
  const beacon = { method: "POST", headers: { ...PHONE, "sec-fetch-site": "same-origin" }, body: JSON.stringify(told) };
  expect((await fetch(adas.replace("/p/", "/e/"), beacon)).status).toBe(204);
  const results = await waitFor(async () => {
    const found = await api.batchResults(batch.id);
    return found.people.seen === 2 && found.people.played === 1 && found;
  }, "the results");
  expect(results).toMatchObject({ people: { sent: 3, seen: 2, played: 1, completed: 0, clicked: 0 }, withheld: 2 });
  expect((await api.recipientResults(batch.id)).recipients).toMatchObject([
    { record: 1, pages: 1, plays: 1 },
    { record: 6, pages: 1, plays: 0 },
  ]);
  expect((await api.projectResults(client, project)).people).toEqual(results.people);

  // What is published later is for later files.
  const { requirements: _all, ...anew } = storyboard("Welcome back,");
  expect(await publish(anew)).toBe(2);
  const later = await send("more.csv", "id,name,amount\n2,,20.00\n");
  expect(later.counts).toMatchObject({ valid: 1, links: 1, withheld: 0 });
  expect(await filmOf((await resultOf(later.id)).pages[0]!)).toBe("Welcome back,: 20.00");
  expect(await filmOf(adas)).toBe("Hello Ada: 1,250.50");
});

test("links that follow show what was published last", async () => {
  await api.applyProfile({ ...PROFILE, links: { storyboard: "follow" } });
  await publish(storyboard("Hello"));
  const { id } = await send("followed.csv", "id,name,amount\n1,Ada,3.00\n");
  const [page] = (await resultOf(id)).pages as [string];
  expect(await filmOf(page)).toBe("Hello Ada: 3.00");
  await publish(storyboard("Welcome back,"));
  await waitFor(async () => (await filmOf(page)) === "Welcome back, Ada: 3.00", "the new version");
});
