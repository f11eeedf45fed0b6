import type { ProfileInput } from "@inlet/contracts";
import { findSecret } from "@inlet/database";
import { unseal } from "@inlet/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildProfile, givenProject, openTestHub, type TestHub } from "../testing/hub.ts";

let hub: TestHub;
let admin: { authorization: string };

beforeAll(async () => {
  hub = await openTestHub();
  admin = await hub.as("admin");
});
afterAll(() => hub?.close());

const put = (url: string, payload: object) => hub.app.inject({ method: "PUT", url, headers: admin, payload });
const apply = (profile: ProfileInput) =>
  put(`/v1/clients/${profile.client}/projects/${profile.project}/profile`, profile);

test("a profile makes its client and project, is the same version until it says something else, and can be read back", async () => {
  const profile = buildProfile({ client: "spring", project: "video" });
  expect((await apply(profile)).json()).toEqual({
    client: "spring",
    project: "video",
    version: 1,
    changed: true,
    state: "rehearsal",
    warnings: [],
  });
  expect((await apply(profile)).json()).toMatchObject({ version: 1, changed: false });
  expect((await apply({ ...profile, title: "Spring" })).json()).toMatchObject({ version: 2, changed: true });
  const live = await hub.app.inject({ url: "/v1/clients/spring/projects/video/profile", headers: admin });
  expect(live.json()).toMatchObject({ version: 2, appliedBy: "admin of the test", profile: { title: "Spring" } });
  const rows = await hub.sql`
    SELECT actor, detail->>'version' AS version FROM inlet.audit WHERE action = 'profile.apply' ORDER BY id`;
  expect(rows).toEqual([
    { actor: "admin of the test", version: "1" },
    { actor: "admin of the test", version: "2" },
  ]);
});

test("a profile that today's schema would refuse is listed and shown, and holds up no other project", async () => {
  const profile = buildProfile({ client: "older", project: "odd" });
  expect((await apply(profile)).statusCode).toBe(200);
  await hub.sql`UPDATE inlet.profiles SET document = document || '{"retired": true, "title": 7}'
    WHERE document->>'client' = 'older'`;
  const list = await hub.app.inject({ url: "/v1/accounts?client=older", headers: admin });
  expect(list.statusCode).toBe(200);
  const shown = await hub.app.inject({ url: "/v1/clients/older/projects/odd/profile", headers: admin });
  expect(shown.json()).toMatchObject({ profile: { client: "older", retired: true, tables: [{ name: "contacts" }] } });
  expect((await apply(buildProfile({ client: "older", project: "even" }))).statusCode).toBe(200);
  expect((await apply(profile)).json()).toMatchObject({ changed: true });
});

test("every mistake of a profile is named with its path", async () => {
  const response = await put("/v1/clients/spring/projects/broken/profile", {
    client: "spring",
    project: "broken",
    colour: "blue",
    folders: { uploads: "Uploads" },
    source: { kind: "ftp" },
    tables: [
      {
        name: "a",
        files: ["{tabel}-{date}.csv"],
        mode: "merge",
        columns: [{ name: "x", type: "strin" }, { type: "string" }],
      },
    ],
  });
  expect(response.statusCode).toBe(400);
  expect(response.json().errors).toMatchObject([
    { path: ["folders", "uploads"], message: "an absolute folder such as /spring/Uploads" },
    { path: ["source", "kind"], message: "must be one of gateway, sftp, pull" },
    {
      path: ["tables", 0, "files", 0],
      message: "{tabel} is no placeholder; there are {table}, {client}, {project}, {date}, {timestamp}, {ext}",
    },
    {
      path: ["tables", 0, "columns", 0, "type"],
      message: "must be one of string, integer, decimal, boolean, date, timestamp, email, url, enum",
    },
    { path: ["tables", 0, "columns", 1, "name"], message: "is missing; a string is needed" },
    { path: ["tables", 0, "mode"], message: "must be one of append, replace, upsert" },
    { path: ["colour"], message: "there is no such setting" },
  ]);
});

test("what the schema cannot see is checked too", async () => {
  const profile = buildProfile({
    client: "spring",
    project: "odd",
    links: { page: { title: "Hello {{firstname}}", fields: [{ column: "town", label: "Town" }] } },
    tables: [
      {
        name: "a",
        columns: [
          { name: "at", type: "timestamp", timezone: "Europe/Atlantis" },
          { name: "code", pattern: "(?=x)" },
          { name: "day", type: "date", format: "dd.MM" },
          { name: "amount", type: "decimal", min: "a lot" },
          { name: "price", type: "decimal", precision: 4, scale: 6 },
        ],
      },
    ],
  });
  const response = await put("/v1/clients/spring/projects/other/profile", profile);
  const paths = response.json().errors.map(({ path }: { path: (string | number)[] }) => path.join("."));
  expect(paths).toEqual([
    "tables.0.columns.0.timezone",
    "tables.0.columns.1.pattern",
    "tables.0.columns.2.format",
    "tables.0.columns.3",
    "tables.0.columns.4.scale",
    "links.page.fields.0.column",
    "links.page.title",
    "project",
  ]);
});

test("two projects of a client do not share an Uploads folder, not even side by side; two clients may", async () => {
  const folders = { uploads: "/shared/Uploads", downloads: "/shared/Downloads" };
  const both = await Promise.all([
    apply(buildProfile({ client: "clash", project: "one", folders })),
    apply(buildProfile({ client: "clash", project: "two", folders: { ...folders, uploads: "/Shared/uploads" } })),
  ]);
  expect(both.map((response) => response.statusCode).sort()).toEqual([200, 409]);
  const refused = both.find((response) => response.statusCode === 409)!;
  expect(refused.json()).toMatchObject({ code: "folders_clash", errors: [{ path: ["folders", "uploads"] }] });
  const delivered = await apply(
    buildProfile({ client: "clash", project: "three", folders: { uploads: "/shared/Downloads" } }),
  );
  expect(delivered.statusCode).toBe(409);
  expect((await apply(buildProfile({ client: "other", project: "one", folders }))).statusCode).toBe(200);
});

test("a secret is stored sealed for its client, is never answered, and a profile that names a missing one is warned", async () => {
  const { clientId } = await givenProject(hub.database, "iris", "sales");
  const server = {
    host: "sftp.example.org",
    username: "iris",
    secret: "sftp_password",
    hostKey: `SHA256:${"A".repeat(43)}`,
  };
  const profile = buildProfile({ client: "iris", project: "remote", source: { kind: "sftp", server, folder: "/out" } });
  expect((await apply(profile)).json().warnings).toEqual([
    "The secret sftp_password is not stored yet: inlet secret set iris sftp_password",
  ]);
  const url = "/v1/clients/iris/secrets/sftp_password";
  const stored = await put(url, { value: "hunter2-hunter2" });
  expect(stored.json()).toEqual({ client: "iris", name: "sftp_password", changed: true });
  expect((await put(url, { value: "hunter2-hunter2" })).json().changed).toBe(false);
  const sealed = await findSecret(hub.database, { clientId, name: "sftp_password" });
  expect(sealed!.includes("hunter2")).toBe(false);
  expect(unseal(hub.key, sealed!, `secret:${clientId}`).toString()).toBe("hunter2-hunter2");
  const rows = await hub.sql<{ all: string }>`SELECT jsonb_agg(a)::text AS all FROM inlet.audit a`;
  expect(rows[0]!.all).toContain("secret.set");
  expect(rows[0]!.all).not.toContain("hunter2");
  expect((await put("/v1/clients/nobody/secrets/x", { value: "x" })).json().code).toBe("client_not_found");
});

test("a profile that the rows that are there do not fit is refused when it is applied, not at the next file", async () => {
  const table = {
    name: "orders",
    mode: "upsert" as const,
    key: ["id"],
    columns: [{ name: "id" }, { name: "amount", type: "decimal" as const, precision: 8, scale: 2 }, { name: "note" }],
  };
  const first = buildProfile({ client: "kept", project: "shop", tables: [table] });
  const shop = (tables: ProfileInput["tables"]) => apply({ ...first, tables });
  expect((await apply(first)).statusCode).toBe(200);
  // No file has come: anything may change.
  expect((await shop([{ ...table, mode: "replace" }])).statusCode).toBe(200);
  expect((await apply(first)).statusCode).toBe(200);
  await hub.sql`CREATE SCHEMA client_kept`;
  await hub.sql`CREATE TABLE client_kept.shop__orders (_batch bigint, id text, amount numeric(8,2), note text)`;
  await hub.sql`CREATE UNIQUE INDEX shop__orders__key ON client_kept.shop__orders (id)`;

  const columns = [{ name: "id" }, { ...table.columns[1]!, precision: 9 }];
  const refused = await shop([{ ...table, columns, key: ["id", "amount"] }]);
  expect(refused.statusCode).toBe(409);
  expect(refused.json()).toMatchObject({ code: "table_changed" });
  const said = (what: string) => `table orders is there already, and its ${what}; use a new table name`;
  expect(refused.json().errors).toMatchObject([
    {
      path: ["tables", 0, "columns", 1, "type"],
      message: said("column amount is numeric(8,2) and would become numeric(9,2)"),
    },
    { path: ["tables", 0, "columns"], message: said("column note is missing from the profile") },
    { path: ["tables", 0, "key"], message: said("key was id and would become id, amount") },
  ]);
  const replaced = await shop([{ ...table, mode: "replace" }]);
  expect(replaced.json().errors).toMatchObject([
    { path: ["tables", 0, "mode"], message: said("mode was append or upsert and would become replace") },
  ]);
  const more = [...table.columns, { name: "added" }].map((column) => ({ ...column, header: column.name }));
  expect((await shop([{ ...table, columns: more }])).statusCode).toBe(200);
  expect((await shop([{ ...table, name: "orders_2", mode: "replace" }])).statusCode).toBe(200);
});
