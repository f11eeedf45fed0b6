import type { ProfileInput, Rehearsal } from "@inlet/contracts";
import { findProject, recordAudit } from "@inlet/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildProfile, givenBatch, openTestHub, type TestHub } from "../testing/hub.ts";

let hub: TestHub;
let admin: { authorization: string };
let operator: { authorization: string };

beforeAll(async () => {
  hub = await openTestHub();
  admin = await hub.as("admin");
  operator = await hub.as("operator");
});
afterAll(() => hub?.close());

const at = (client: string, project: string) => `/v1/clients/${client}/projects/${project}`;
const apply = ({ client, project, ...rest }: ProfileInput, query = "") =>
  hub.app.inject({
    method: "PUT",
    url: `${at(client, project)}/profile${query}`,
    headers: admin,
    payload: { client, project, ...rest },
  });
const post = (url: string, payload: object = {}, headers = operator) =>
  hub.app.inject({ method: "POST", url, headers, payload });
const show = async (client: string, project: string) =>
  (await hub.app.inject({ url: `${at(client, project)}/rehearsal`, headers: admin })).json() as Rehearsal;
const audited = (path: string) => hub.sql<{ action: string; detail: Record<string, unknown> }>`
  SELECT action, detail - 'apiKey' AS detail FROM inlet.audit WHERE path = ${path} AND action LIKE 'project.%' ORDER BY id`;

test("a new project begins with its rehearsal, and stays in it until it is made live", async () => {
  const profile = buildProfile({ client: "new", project: "video" });
  expect((await apply(profile)).json()).toMatchObject({ version: 1, state: "rehearsal" });
  expect((await apply({ ...profile, title: "Spring" })).json()).toMatchObject({ version: 2, state: "rehearsal" });
  const { projects } = (await hub.app.inject({ url: "/v1/projects", headers: admin })).json();
  expect(projects).toContainEqual(expect.objectContaining({ client: "new", project: "video", state: "rehearsal" }));
  const shown = await show("new", "video");
  expect(shown).toMatchObject({ state: "rehearsal", liveAt: null, passed: false, batches: [] });
  expect(shown.since).not.toBeNull();
  expect(shown.lines.map(({ id, state }) => `${id} ${state}`)).toContain("file_name waiting");
  expect(await audited("new/video")).toEqual([]);
});

test("a profile is applied live for a reason, which the audit keeps; of a live project that says nothing new", async () => {
  const profile = buildProfile({ client: "hurry", project: "video" });
  expect((await apply(profile, "?live=")).statusCode).toBe(400);
  expect((await apply(profile, "?live=tested%20by%20hand")).json()).toMatchObject({ version: 1, state: "live" });
  expect((await apply({ ...profile, title: "Other" }, "?live=again")).json()).toMatchObject({
    version: 2,
    state: "live",
  });
  const forced = { action: "project.live", detail: { passed: false, reason: "tested by hand" } };
  expect(await audited("hurry/video")).toEqual([forced]);
  expect(await show("hurry", "video")).toMatchObject({ state: "live", since: null, lines: [] });

  const rehearsing = buildProfile({ client: "hurry", project: "later" });
  expect((await apply(rehearsing)).json().state).toBe("rehearsal");
  expect((await apply(rehearsing, "?live=now")).json()).toMatchObject({ changed: false, state: "live" });
  expect(await audited("hurry/later")).toEqual([{ action: "project.live", detail: { passed: false, reason: "now" } }]);
});

test("what has not passed goes live for a reason alone, and back into rehearsal for one alone", async () => {
  await apply(buildProfile({ client: "back", project: "video" }));
  const early = await post(`${at("back", "video")}/live`);
  expect(early.statusCode).toBe(409);
  expect(early.json()).toMatchObject({
    code: "rehearsal_not_passed",
    detail: expect.stringMatching(/Login, .*File name, .*Rows, .*Give a reason/),
  });
  expect((await post(`${at("back", "video")}/live`, { reason: " " })).statusCode).toBe(400);
  const live = await post(`${at("back", "video")}/live`, { reason: "seen elsewhere" });
  expect(live.json()).toMatchObject({ state: "live", passed: false });
  expect(live.json().liveAt).not.toBeNull();
  // Twice is the same as once.
  expect((await post(`${at("back", "video")}/live`)).json()).toMatchObject({ state: "live" });

  const again = await post(`${at("back", "video")}/rehearsal`);
  expect([again.statusCode, again.json().code]).toEqual([409, "reason_missing"]);
  expect((await show("back", "video")).state).toBe("live");
  const begun = await post(`${at("back", "video")}/rehearsal`, { reason: "a new system" });
  expect(begun.json()).toMatchObject({ state: "rehearsal", passed: false });
  expect((await post(`${at("back", "video")}/rehearsal`)).statusCode).toBe(200);
  expect((await audited("back/video")).map(({ action, detail }) => [action, detail.reason, detail.from])).toEqual([
    ["project.live", "seen elsewhere", undefined],
    ["project.rehearse", "a new system", "live"],
    ["project.rehearse", undefined, "rehearsal"],
  ]);
  const [first] = await audited("back/video");
  expect(first!.detail).toMatchObject({ passed: false, open: expect.arrayContaining([{ id: "types", table: null }]) });
});

test("a client sees its own rehearsal and changes nothing of it; another's is not there", async () => {
  await apply(buildProfile({ client: "mine", project: "video" }));
  await apply(buildProfile({ client: "theirs", project: "video" }));
  const client = await hub.as("client", "mine");
  const get = (of: string) => hub.app.inject({ url: `${at(of, "video")}/rehearsal`, headers: client });
  expect((await get("mine")).statusCode).toBe(200);
  expect((await get("theirs")).json().code).toBe("project_not_found");
  for (const action of ["live", "rehearsal"]) {
    expect((await post(`${at("mine", "video")}/${action}`, { reason: "x" }, client)).statusCode).toBe(403);
    const ofMine = await hub.as("operator", "mine");
    expect((await post(`${at("theirs", "video")}/${action}`, { reason: "x" }, ofMine)).statusCode).toBe(404);
  }
});

test("logins that failed since it began are told while no file has come, those of others and of before are not", async () => {
  await apply(buildProfile({ client: "guess", project: "video" }));
  await apply(buildProfile({ client: "other", project: "video" }));
  const { clientId } = (await findProject(hub.database, { client: "guess", project: "video", scope: null }))!;
  const { clientId: otherId } = (await findProject(hub.database, { client: "other", project: "video", scope: null }))!;
  await hub.sql`INSERT INTO inlet.accounts (client_id, username, jail, projects) VALUES
    (${clientId}, 'guess', 'jail-guess', NULL), (${clientId}, 'elsewhere', 'jail-elsewhere', '{sales}'),
    (${otherId}, 'other', 'jail-other', NULL)`;
  const failed = (username: string, reason: string) =>
    recordAudit(hub.database, {
      ...{ actor: `sftp:${username}`, address: "198.51.100.7", action: "login", outcome: "failed", detail: { reason } },
    });
  for (const username of ["elsewhere", "other"]) await failed(username, "wrong password");
  const login = async () => (await show("guess", "video")).lines.find(({ id }) => id === "login");
  expect(await login()).toMatchObject({ state: "waiting" });
  await failed("guess", "wrong password");
  expect(await login()).toMatchObject({ state: "red", found: "guess from 198.51.100.7: wrong password" });
  await post(`${at("guess", "video")}/rehearsal`);
  expect(await login()).toMatchObject({ state: "waiting" });
});

test.each([
  ["client", "green", "green"],
  ["operator", "red", "waiting"],
] as const)("what a key of the role %s sends and fetches by the API: the login is %s", async (role, login, fetched) => {
  const client = `by${role}`;
  await apply(buildProfile({ client, project: "video", links: {} }));
  const project = (await findProject(hub.database, { client, project: "video", scope: null }))!;
  const { authorization } = await hub.as(role, client);
  const { batchId } = await givenBatch(hub.database, project, "contacts.csv");
  const [arrival] = await hub.sql<{ id: number }>`
    INSERT INTO inlet.arrivals (source, project_id, path, file_name, generation, size_bytes, location, state)
    VALUES ('upload', ${project.projectId}, 'contacts.csv', 'contacts.csv', 1, 1, 'x', 'batched') RETURNING id`;
  await hub.sql`UPDATE inlet.batches SET rehearsal = true, arrival_id = ${arrival!.id} WHERE id = ${batchId}`;
  const apiKey = /inlet_(\w{10})_/.exec(authorization)![1];
  for (const [action, detail] of [
    ["file.upload", { arrivalId: arrival!.id }],
    ["artifact.download", { batchId, kind: "result" }],
  ] as const) {
    await recordAudit(hub.database, { actor: "a key", action, outcome: "ok", detail: { apiKey, ...detail } });
  }
  const { lines } = await show(client, "video");
  expect(lines.find(({ id }) => id === "login")).toMatchObject({
    state: login,
    found: expect.stringContaining("a key"),
  });
  expect(lines.find(({ id }) => id === "result_fetched")).toMatchObject({ state: fetched });
});

test("a table that others refer to is told as long as it is not there, or lacks what they refer to", async () => {
  const columns = [{ name: "code" }];
  const references = { rule: "references" as const, columns: ["code"], table: "store", to: ["number"] };
  const tables = [
    { name: "sales", files: ["sales*.csv"], columns, rules: [references] },
    { name: "store", files: ["store*.csv"], columns: [{ name: "number" }] },
  ];
  await apply(buildProfile({ client: "refers", project: "video", tables }));
  const project = (await findProject(hub.database, { client: "refers", project: "video", scope: null }))!;
  const { batchId } = await givenBatch(hub.database, project, "sales.csv");
  await hub.sql`UPDATE inlet.batches SET rehearsal = true, table_name = 'sales' WHERE id = ${batchId}`;
  const line = async () => (await show("refers", "video")).lines.find(({ id }) => id === "references");
  expect(await line()).toMatchObject({ state: "warning" });
  await hub.database.pool.query("CREATE SCHEMA client_refers CREATE TABLE video__store (name text)");
  expect(await line()).toMatchObject({ state: "warning", found: "not looked up: store does not hold it yet" });
  await hub.database.pool.query("ALTER TABLE client_refers.video__store ADD COLUMN number text");
  expect(await line()).toMatchObject({ state: "waiting" });
});
