import { profileSchema } from "@inlet/contracts";
import { applyProfile, findClient, liveStoryboard, putArtifacts, transaction } from "@inlet/database";
import { INDEX_ENTRY_BYTES, writeIndexEntry } from "@inlet/delimited";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildProfile, givenBatch, openTestHub, type TestHub } from "../testing/hub.ts";
import { buildStoryboard, givenAsset } from "../testing/storyboards.ts";

let hub: TestHub;
let admin: { authorization: string };
let names = 0;

beforeAll(async () => {
  hub = await openTestHub();
  admin = await hub.as("admin");
});
afterAll(() => hub?.close());

/** A project of its own, with links, and its addresses. */
async function givenPlace(overrides: Parameters<typeof buildProfile>[0] | object = {}) {
  names += 1;
  const client = `spring${names}`;
  const profile = profileSchema.parse({ ...buildProfile({ client, project: "video" }), links: {}, ...overrides });
  const { projectId } = await transaction(hub.database, (tx) => applyProfile(tx, { profile, appliedBy: "test" }));
  return { client, projectId, at: `/v1/clients/${client}/projects/video/storyboard` };
}

async function ask(method: "GET" | "PUT" | "POST" | "DELETE", url: string, payload?: object, headers = admin) {
  const response = await hub.app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
  return { status: response.statusCode, body: response.body === "" ? null : response.json() };
}

const WRONG = buildStoryboard({
  scenes: [
    {
      name: "greeting",
      durationMs: 4_000,
      layers: [{ kind: "text", text: "Hello, {{emial}}", box: { x: 0, y: 0, width: 900, height: 200 } }],
    },
  ],
});

test("a draft is saved with its mistakes, and they are named by their place", async () => {
  const { at } = await givenPlace();
  const none = await ask("GET", `${at}/draft`);
  expect(none.body).toMatchObject({ document: null, revision: 0, problems: [], publishable: false, differs: false });

  const odd = await ask("PUT", `${at}/draft`, { document: { title: 7, scenes: [{ nmae: 1 }] }, revision: 0 });
  expect(odd.status).toBe(200);
  expect(odd.body).toMatchObject({ revision: 1, publishable: false, differs: true, updatedBy: "admin of the test" });
  const paths = odd.body.problems.map(({ path }: { path: (string | number)[] }) => path.join("."));
  expect(paths).toEqual(expect.arrayContaining(["title", "scenes.0.name", "scenes.0.nmae"]));
  // As it was sent, so that its author goes on where he was.
  expect((await ask("GET", `${at}/draft`)).body.document).toEqual({ title: 7, scenes: [{ nmae: 1 }] });

  const unknown = await ask("PUT", `${at}/draft`, { document: WRONG, revision: 1 });
  const [first] = unknown.body.problems;
  expect(first).toMatchObject({ path: ["scenes", 0, "layers", 0, "text"], severity: "error" });
  expect(first.message).toContain("email");
  const checked = await ask("POST", `${at}/check`, { document: WRONG });
  expect(checked.body).toEqual({ problems: unknown.body.problems, publishable: false });
  const odds = Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`odd${index}`, 1]));
  expect((await ask("POST", `${at}/check`, { document: odds })).body.problems).toHaveLength(500);
  const large = { document: { title: "x".repeat(1_100_000) }, revision: 2 };
  for (const [method, rest] of [
    ["PUT", "/draft"],
    ["POST", "/check"],
    ["POST", "/film"],
  ] as const) {
    expect((await ask(method, `${at}${rest}`, large)).body.code, rest).toBe("body_too_large");
  }
  // Six hundred warnings, and behind them one error.
  const samples = [0, 1, 2, 3].map((at) => ({
    name: `${at}`,
    values: Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`odd${index}`, ""])),
  }));
  const page = { title: "{{emial}}" };
  const many = (await ask("POST", `${at}/check`, { document: buildStoryboard({ page, samples }) })).body;
  expect([many.problems.length, many.problems[0].severity, many.publishable]).toEqual([500, "error", false]);
  for (const body of [{}, { document: {} }, { document: {}, revision: -1 }, { revision: 2 }]) {
    expect((await ask("PUT", `${at}/draft`, body)).status, JSON.stringify(body)).toBe(400);
  }
});

test("who saves over what somebody else has saved is told who that was, and nothing is lost", async () => {
  const { at } = await givenPlace();
  expect((await ask("PUT", `${at}/draft`, { document: { title: "mine" }, revision: 0 })).status).toBe(200);
  const both = await Promise.all(
    ["one", "two", "three"].map((title) => ask("PUT", `${at}/draft`, { document: { title }, revision: 1 })),
  );
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  const refused = both.find(({ status }) => status === 409)!;
  expect(refused.body).toMatchObject({ code: "storyboard_draft_changed" });
  expect(refused.body.detail).toMatch(/^admin of the test saved the draft at .+; it is at revision 2 now/);
  expect((await ask("PUT", `${at}/draft`, { document: {}, revision: 0 })).status).toBe(409);
  expect((await ask("PUT", `${at}/draft`, { document: {}, revision: 2 })).status).toBe(200);
});

test("a draft is published, compared, taken back and taken off", async () => {
  const { client, projectId, at } = await givenPlace();
  expect((await ask("POST", `${at}/publish`, { revision: 1 })).body.code).toBe("storyboard_draft_missing");
  await ask("PUT", `${at}/draft`, { document: WRONG, revision: 0 });
  const refused = await ask("POST", `${at}/publish`, { revision: 1 });
  expect([refused.status, refused.body.code]).toEqual([400, "storyboard_invalid"]);
  expect(refused.body.errors[0]).toMatchObject({ pointer: "#/scenes/0/layers/0/text" });
  expect((await ask("GET", `${at}/versions`)).body.versions).toEqual([]);

  await ask("PUT", `${at}/draft`, { document: buildStoryboard(), revision: 1 });
  expect((await ask("POST", `${at}/publish`, { revision: 1 })).body.code).toBe("storyboard_draft_changed");
  const first = await ask("POST", `${at}/publish`, { revision: 2, note: "The first one" });
  expect(first.body).toMatchObject({ version: 1, changed: true, live: true });
  expect(await liveStoryboard(hub.database, projectId)).toMatchObject({ version: 1, document: { stage: "landscape" } });
  const same = await ask("POST", `${at}/publish`, { revision: 2 });
  expect(same.body).toMatchObject({ version: 1, changed: false, live: true });

  await ask("PUT", `${at}/draft`, { document: buildStoryboard({ title: "Hello again" }), revision: 2 });
  expect((await ask("GET", at)).body).toMatchObject({
    live: { version: 1, title: "Hello", note: "The first one" },
    ...{ versions: 1, draft: { revision: 3, differs: true, errors: 0 }, links: true, shows: "keep" },
    columns: [{ name: "id", type: "integer", tables: ["contacts"] }, { name: "email" }],
  });
  const changes = await ask("GET", `${at}/changes`);
  expect(changes.body).toMatchObject({
    from: 1,
    to: null,
    changes: [{ kind: "changed", path: ["title"] }],
    assets: [],
  });
  const second = await ask("POST", `${at}/publish`, { revision: 3, live: false });
  expect(second.body).toMatchObject({ version: 2, changed: true, live: false });
  expect((await liveStoryboard(hub.database, projectId))?.version).toBe(1);
  expect((await ask("PUT", `${at}/live`, { version: 2 })).body).toEqual({ live: 2, before: 1, changed: true });
  expect((await ask("GET", at)).body.draft).toMatchObject({ differs: false });
  expect((await ask("PUT", `${at}/live`, { version: 1 })).body).toEqual({ live: 1, before: 2, changed: true });
  expect((await ask("GET", `${at}/changes?from=1&to=2`)).body).toMatchObject({ from: 1, to: 2, changes: [{}] });
  expect((await ask("PUT", `${at}/live`, { version: 3 })).body.code).toBe("storyboard_version_not_found");
  expect((await ask("DELETE", `${at}/live`)).body).toEqual({ live: null, before: 1, changed: true });
  expect((await ask("DELETE", `${at}/live`)).body.changed).toBe(false);
  expect(await liveStoryboard(hub.database, projectId)).toBeUndefined();

  const listed = await ask("GET", `${at}/versions?limit=1`);
  expect(listed.body.versions).toMatchObject([{ version: 2, title: "Hello again", live: false }]);
  const next = await ask("GET", `${at}/versions?limit=1&cursor=${listed.body.next}`);
  expect(next.body).toMatchObject({ versions: [{ version: 1 }], next: null });
  const shown = await ask("GET", `${at}/versions/1`);
  expect(shown.body.written).toEqual(buildStoryboard());
  expect(shown.body.storyboard).toMatchObject({ stage: "landscape", page: { template: "card" } });
  const audit = await hub.sql`SELECT action, detail->>'version' AS version FROM inlet.audit
    WHERE path = ${`${client}/video`} AND action LIKE 'storyboard.%' ORDER BY id`;
  expect(audit).toEqual([
    { action: "storyboard.publish", version: "1" },
    { action: "storyboard.live", version: "1" },
    { action: "storyboard.publish", version: "2" },
    { action: "storyboard.live", version: "2" },
    { action: "storyboard.live", version: "1" },
    { action: "storyboard.take-off", version: null },
  ]);
});

test("a version keeps the files that it was published with", async () => {
  const { client, projectId, at } = await givenPlace();
  const { assetFile } = await givenAsset(hub, client, "sky.webp");
  await givenAsset(hub, client, "other.webp");
  const { assetFile: blue } = await givenAsset(hub, client, "card-blue.webp");
  const [scene] = buildStoryboard().scenes;
  const card = {
    kind: "image" as const,
    asset: { name: "card-{{email}}.webp" },
    box: { x: 0, y: 0, width: 9, height: 9 },
  };
  const document = buildStoryboard({
    scenes: [{ ...scene!, background: { asset: "sky.webp" }, layers: [...scene!.layers!, card] }],
  });
  await ask("PUT", `${at}/draft`, { document, revision: 0 });
  expect((await ask("POST", `${at}/publish`, { revision: 1 })).body).toMatchObject({ version: 1 });
  const published = await liveStoryboard(hub.database, projectId);
  expect(published?.assets).toMatchObject([
    { name: "card-blue.webp", sha256: blue },
    { name: "sky.webp", sha256: assetFile },
  ]);
  // The same words with another file are another version.
  await hub.sql`UPDATE inlet.assets SET replaced_at = now() WHERE name = 'sky.webp' AND project_id = ${projectId}`;
  expect((await ask("GET", `${at}/draft`)).body.problems[0].message).toContain("sky.webp");
  const fresh = await givenAsset(hub, client, "Sky.webp");
  await hub.sql`UPDATE inlet.assets SET name = 'sky.webp', sha256 = ${Buffer.alloc(32, 7)} WHERE id = ${fresh.asset}`;
  expect((await ask("GET", at)).body.draft).toMatchObject({ differs: true, errors: 0 });
  const changes = await ask("GET", `${at}/changes`);
  expect(changes.body).toMatchObject({ changes: [], assets: [{ name: "sky.webp", kind: "changed" }] });
  expect((await ask("POST", `${at}/publish`, { revision: 1 })).body).toMatchObject({ version: 2, changed: true });
});

test("what one recipient would see is told for a draft, a version and any values", async () => {
  const { at } = await givenPlace();
  const document = buildStoryboard({
    language: { default: "en", column: "email" },
    requirements: [{ condition: { all: [{ field: "email", is: "filled" }] }, message: "A row needs an email." }],
    samples: [
      { name: "Short", values: { email: "a@spring.example" } },
      { name: "Nobody", values: {} },
    ],
    page: { title: { en: "For {{email}}", de: "Für {{email}}" } },
  });
  expect((await ask("POST", `${at}/film`, {})).body.code).toBe("storyboard_draft_missing");
  const given = await ask("POST", `${at}/film`, { document, values: { email: "b@spring.example" }, language: "de" });
  expect(given.body.film).toMatchObject({ width: 1280, height: 720, durationMs: 4_000, language: "de" });
  expect(given.body.film.scenes[0].layers[0].text).toBe("Hello, b@spring.example");
  expect(given.body).toMatchObject({ page: { title: { text: "Für b@spring.example" } }, unmet: [] });

  await ask("PUT", `${at}/draft`, { document, revision: 0 });
  const sample = await ask("POST", `${at}/film`, {});
  expect(sample.body.values).toEqual({ email: "a@spring.example" });
  const nobody = await ask("POST", `${at}/film`, { sample: "Nobody" });
  expect(nobody.body.unmet).toEqual(["A row needs an email."]);
  expect(nobody.body.film.scenes[0].layers[0].text).toBe("Hello, you");
  expect((await ask("POST", `${at}/film`, { sample: "None" })).body.code).toBe("storyboard_sample_unknown");
  expect((await ask("POST", `${at}/film`, { version: 1 })).body.code).toBe("storyboard_version_not_found");
  expect((await ask("POST", `${at}/film`, { document: {} })).body.errors.length).toBeGreaterThan(0);
  await ask("POST", `${at}/publish`, { revision: 1 });
  await ask("PUT", `${at}/draft`, { document: {}, revision: 1 });
  expect((await ask("POST", `${at}/film`, { version: 1 })).body.film.durationMs).toBe(4_000);
});

test("rows of a batch are shown to try a storyboard with, and the audit keeps who asked", async () => {
  const { client, projectId, at } = await givenPlace();
  const rows = `${at}/sample-rows`;
  expect((await ask("GET", rows)).body).toEqual({ batch: null, columns: [], rows: [] });
  const clientId = (await findClient(hub.database, { client, scope: null }))!;
  const { batchId } = await givenBatch(hub.database, { projectId, clientId }, "contacts.csv");
  expect((await ask("GET", `${rows}?batch=${batchId}`)).body.code).toBe("batch_not_found");
  // Record 2 was rejected, record 4 was forgotten.
  const lines = ["1\t10\ta@spring.example\n", "3\t30\t\\N\n", "4\txx\txxxxxx\n", "5\t50\te@spring.example\n"];
  const entry = Buffer.alloc(INDEX_ENTRY_BYTES);
  writeIndexEntry(entry, 0, 1, 0);
  const files = { canonical: Buffer.from(lines.join("")), index: entry };
  const artifacts = await Promise.all(
    (["canonical", "index"] as const).map(async (kind) => {
      const { key: blobKey, ...stored } = await hub.blobs.put(`${client}/${batchId}/${kind}`, files[kind]);
      return { kind, name: kind, blobKey, ...stored };
    }),
  );
  await putArtifacts(hub.database, { batchId, artifacts });
  await hub.sql`UPDATE inlet.batches SET valid = 4 WHERE id = ${batchId}`;
  await hub.sql`INSERT INTO inlet.revocations (batch_id, record) VALUES (${batchId}, 4)`;
  const shown = await ask("GET", rows);
  expect(shown.body).toMatchObject({ batch: { id: batchId, table: "contacts", fileName: "contacts.csv" } });
  expect(shown.body.rows).toEqual([
    { record: 1, values: { id: "10", email: "a@spring.example" } },
    { record: 3, values: { id: "30", email: null } },
    { record: 5, values: { id: "50", email: "e@spring.example" } },
  ]);
  expect((await ask("GET", `${rows}?batch=${batchId}&count=1`)).body.rows).toHaveLength(1);
  // They are recipients' own: reading statuses does not open them.
  expect((await ask("GET", rows, undefined, await hub.as("viewer"))).status).toBe(403);
  const audit = await hub.sql`SELECT detail->>'rows' AS rows FROM inlet.audit
    WHERE action = 'storyboard.rows' AND path = ${`${client}/video`} ORDER BY id`;
  expect(audit).toEqual([{ rows: "3" }, { rows: "1" }]);
});
