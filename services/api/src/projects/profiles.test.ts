import type { ProfileCheck, ProfileInput } from "@inlet/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildProfile, openTestHub, type TestHub } from "../testing/hub.ts";

let hub: TestHub;
let admin: { authorization: string };

beforeAll(async () => {
  hub = await openTestHub();
  admin = await hub.as("admin");
});
afterAll(() => hub?.close());

const at = ({ client, project }: Pick<ProfileInput, "client" | "project">) =>
  `/v1/clients/${client}/projects/${project}/profile`;
const get = async (url: string, headers = admin) => hub.app.inject({ url, headers });
const apply = async (payload: ProfileInput) => {
  const answer = await hub.app.inject({ method: "PUT", url: at(payload), headers: admin, payload });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
};
const check = async (path: Pick<ProfileInput, "client" | "project">, profile: unknown): Promise<ProfileCheck> => {
  const url = `${at(path)}/check`;
  const answer = await hub.app.inject({ method: "POST", url, headers: admin, payload: { profile } });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
};
const pathsOf = (problems: ProfileCheck["errors"]) => problems.map(({ path }) => path.join("."));

test("every version of a profile is kept, with who applied it, page by page; the live one is marked", async () => {
  const profile = buildProfile({ client: "spring", project: "video" });
  for (const title of ["One", "Two", "Three"]) await apply({ ...profile, title });
  const first = (await get(`${at(profile)}/versions?limit=2`)).json();
  expect(first.versions).toMatchObject([
    { version: 3, appliedBy: "admin of the test", live: true },
    { version: 2, live: false },
  ]);
  const rest = (await get(`${at(profile)}/versions?limit=2&cursor=${first.next}`)).json();
  expect(rest).toMatchObject({ versions: [{ version: 1, live: false }], next: null });

  const old = (await get(`${at(profile)}/versions/1`)).json();
  expect(old).toMatchObject({ version: 1, live: false, profile: { title: "One", source: { kind: "gateway" } } });
  expect(old.written).not.toHaveProperty("source");
  // What is written says the same: applied again, it is a version of its own with the same document.
  expect(await apply(old.written)).toMatchObject({ version: 4, changed: true });
  expect((await get(`${at(profile)}/versions/4`)).json().profile).toEqual(old.profile);
  expect(await apply(old.written)).toMatchObject({ version: 4, changed: false });
});

test("a version that is not there is told from a project that is not there", async () => {
  await apply(buildProfile({ client: "iris", project: "sales" }));
  const missing = await get("/v1/clients/iris/projects/sales/profile/versions/9");
  expect([missing.statusCode, missing.json().code]).toEqual([404, "profile_version_not_found"]);
  const nowhere = await get("/v1/clients/iris/projects/nothing/profile/versions/1");
  expect([nowhere.statusCode, nowhere.json().code]).toEqual([404, "project_not_found"]);
  const own = await hub.as("viewer", "iris");
  expect((await get("/v1/clients/iris/projects/sales/profile/versions", own)).statusCode).toBe(200);
});

test("a check says what applying would say, and applies nothing", async () => {
  const profile = buildProfile({ client: "checked", project: "one" });
  expect(await check(profile, profile)).toMatchObject({ ok: true, errors: [], changed: true, version: null });
  expect((await get(at(profile))).statusCode).toBe(404);
  await apply(profile);
  expect(await check(profile, profile)).toMatchObject({ ok: true, changed: false, version: 1, warnings: [] });

  const more = await check(profile, { ...profile, title: "Other", incoming: { pgp: "require" } });
  expect(more).toMatchObject({ ok: true, changed: true, written: { title: "Other" } });
  expect(more.warnings).toEqual([expect.stringContaining("There is no valid OpenPGP key of ours")]);
  expect((await get(at(profile))).json().version).toBe(1);
  const rows = await hub.sql`SELECT 1 FROM inlet.audit WHERE path = 'checked/one'`;
  expect(rows).toHaveLength(1);
});

test("a check names every mistake with its path, whatever was sent", async () => {
  const profile = buildProfile({ client: "checked", project: "two" });
  for (const nothing of [null, [], "text", 7, {}]) {
    expect(await check(profile, nothing)).toMatchObject({ ok: false, changed: null, written: null });
  }
  const wrong = { ...profile, colour: "blue", notify: { recipients: ["nobody"] } };
  expect(pathsOf((await check(profile, wrong)).errors)).toEqual(["notify.recipients.0", "colour"]);
  const elsewhere = await check(profile, { ...profile, project: "other", links: { page: { title: "{{town}}" } } });
  expect(pathsOf(elsewhere.errors)).toEqual(expect.arrayContaining(["project", "links.page.title"]));
});

test("a check names folders of other projects, and tables that hold rows", async () => {
  const folders = { uploads: "/shared/Uploads", downloads: "/shared/Downloads" };
  const table = { name: "orders", columns: [{ name: "id" }, { name: "note" }] };
  await apply(buildProfile({ client: "kept", project: "one", folders }));
  const two = buildProfile({ client: "kept", project: "two", tables: [table] });
  await apply(two);
  await hub.sql`CREATE SCHEMA client_kept`;
  await hub.sql`CREATE TABLE client_kept.two__orders (_batch bigint, id text, note text)`;
  const answer = await check(two, { ...two, folders, tables: [{ ...table, columns: [{ name: "id" }] }] });
  expect(answer).toMatchObject({ ok: false, changed: true });
  expect(pathsOf(answer.errors)).toEqual(["folders.uploads"]);
  expect(pathsOf(answer.tableChanges)).toEqual(["tables.0.columns"]);
});
