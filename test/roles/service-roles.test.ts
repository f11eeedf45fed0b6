import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { migrate, openDatabase } from "@inlet/database";
import { debianTool } from "@inlet/stack";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endedBatch, type Hub, openClient, openHub, upload, waitFor } from "../fixtures/hub.ts";
import { buildProfile, buildTable } from "../fixtures/profile.ts";

const ROLES_SCRIPT = join(import.meta.dirname, "../../infra/postgres/roles.sh");
const SERVICES = [
  "sftp-gateway",
  "mail-gateway",
  "watcher",
  "validator",
  "purl-generator",
  "importer",
  "courier",
  "notifier",
  "landing",
  "api",
] as const;
const psql = await debianTool("psql");

let hub: Hub;
/** What the services are told from their next start on. */
const env = Object.fromEntries(SERVICES.map((name) => [name, {} as Record<string, string>]));

beforeAll(async () => {
  hub = await openHub({ services: SERVICES, serviceEnv: env });
});
afterAll(() => hub?.stop());

/** What a statement says to a role. */
async function as(role: string, statement: string): Promise<string> {
  const client = new pg.Client({ connectionString: hub.stack.databaseUrl });
  await client.connect();
  try {
    await client.query(`SET ROLE ${role}`);
    await client.query(`BEGIN; ${statement}; ROLLBACK`);
    return "done";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  } finally {
    await client.end();
  }
}
const REFUSED = "42501";

test("gateways and landing log in with their own roles, which own nothing and may make nothing", async () => {
  const { rows } = await hub.database.pool.query(
    "SELECT DISTINCT application_name AS name, usename AS role FROM pg_stat_activity WHERE application_name ~ '^inlet:(sftp-gateway|mail-gateway|landing)$'",
  );
  expect(rows.map(({ name, role }) => `${name} ${role}`).sort()).toEqual([
    "inlet:landing inlet_landing",
    "inlet:mail-gateway inlet_mail",
    "inlet:sftp-gateway inlet_gateway",
  ]);
  for (const role of ["inlet_gateway", "inlet_mail", "inlet_landing"]) {
    const { rows } = await hub.database.pool.query(
      "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication FROM pg_roles WHERE rolname = $1",
      [role],
    );
    expect(Object.values(rows[0])).toEqual([false, false, false, false, false]);
    expect(await as(role, "CREATE TABLE inlet.mine (a int)")).toBe(REFUSED);
    expect(await as(role, "CREATE SCHEMA mine")).toBe(REFUSED);
  }
});

describe("the landing role", () => {
  test.each([
    "SELECT password_hash FROM inlet.accounts",
    "UPDATE inlet.accounts SET password_hash = 'x'",
    "INSERT INTO inlet.accounts (client_id, username, jail) VALUES (1, 'x', 'x')",
    "SELECT * FROM inlet.api_keys",
    "SELECT * FROM inlet.secrets",
    "SELECT * FROM inlet.audit",
    "SELECT * FROM inlet.messages",
    "DELETE FROM inlet.revocations",
    "UPDATE inlet.batches SET status = 'completed'",
    "UPDATE inlet.batches SET links_expire_at = NULL",
  ])("may not: %s", async (statement) => {
    expect(await as("inlet_landing", statement)).toBe(REFUSED);
  });
  test("reads what its pages need", async () => {
    expect(await as("inlet_landing", "SELECT sealed FROM inlet.link_keys")).toBe("done");
  });
});

describe("the gateway role", () => {
  test.each([
    "UPDATE inlet.accounts SET password_hash = 'x'",
    "INSERT INTO inlet.accounts (client_id, username, jail) VALUES (1, 'x', 'x')",
    "SELECT * FROM inlet.api_keys",
    "SELECT * FROM inlet.secrets",
    "SELECT * FROM inlet.link_keys",
    "SELECT * FROM inlet.messages",
    "SELECT address FROM inlet.audit",
    "UPDATE inlet.batches SET status = 'completed'",
    "UPDATE inlet.profiles SET document = '{}'",
  ])("may not: %s", async (statement) => {
    expect(await as("inlet_gateway", statement)).toBe(REFUSED);
  });
  test("finds out whether its commit stands", async () => {
    expect(await as("inlet_gateway", "SELECT detail FROM inlet.audit WHERE actor = 'x' ORDER BY id")).toBe("done");
  });
});

describe("the mail gateway's role", () => {
  test.each([
    "SELECT jail FROM inlet.accounts",
    "SELECT * FROM inlet.api_keys",
    "SELECT * FROM inlet.secrets",
    "SELECT * FROM inlet.pgp_keys",
    "SELECT * FROM inlet.link_keys",
    "SELECT recipient, payload FROM inlet.messages",
    "UPDATE inlet.messages SET recipient = 'x'",
    "SELECT from_address, subject FROM inlet.mails",
    "DELETE FROM inlet.mails",
    "SELECT sha256, location FROM inlet.arrivals",
    "UPDATE inlet.arrivals SET state = 'withdrawn'",
    "SELECT * FROM inlet.batches",
    "SELECT * FROM inlet.audit",
    "UPDATE inlet.profiles SET document = '{}'",
    "UPDATE inlet.projects SET state = 'live'",
  ])("may not: %s", async (statement) => {
    expect(await as("inlet_mail", statement)).toBe(REFUSED);
  });
});

test.skipIf(!psql)("the whole way of a file works without a superuser", async () => {
  const admin = new URL(hub.stack.databaseUrl);
  const query = (statement: string) => hub.database.pool.query(statement);
  for (const role of ["inlet_gateway", "inlet_mail", "inlet_landing"])
    await query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  await query("CREATE DATABASE fresh");
  await promisify(execFile)("sh", [ROLES_SCRIPT], {
    env: {
      ...psql!.env,
      PATH: `${dirname(psql!.command)}:${process.env.PATH}`,
      PGHOST: admin.hostname,
      PGPORT: admin.port,
      PGPASSWORD: admin.password,
      POSTGRES_USER: admin.username,
      POSTGRES_DB: "fresh",
      HUB_PASSWORD: "it's the hub's",
      GATEWAY_PASSWORD: "g",
      MAIL_PASSWORD: "m",
      LANDING_PASSWORD: "l",
    },
  });
  const urlOf = (role: string, password: string) => {
    const url = new URL(admin);
    [url.username, url.password, url.pathname] = [role, password, "/fresh"];
    return url.href;
  };
  const databaseUrl = urlOf("inlet_hub", "it's the hub's");
  for (const service of SERVICES) env[service]!.DATABASE_URL = databaseUrl;
  env["sftp-gateway"]!.DATABASE_URL = urlOf("inlet_gateway", "g");
  env["mail-gateway"]!.DATABASE_URL = urlOf("inlet_mail", "m");
  env.landing!.DATABASE_URL = urlOf("inlet_landing", "l");
  expect((await migrate(databaseUrl)).length).toBeGreaterThan(0);
  await Promise.all(SERVICES.map((name) => hub.stack.process(name).stop()));
  await Promise.all(SERVICES.map((name) => hub.stack.process(name).start()));

  const database = openDatabase(databaseUrl, { applicationName: "test" });
  try {
    const fresh = { ...hub, database };
    const table = buildTable({ mode: "replace", key: ["id"] });
    const client = await openClient(fresh, buildProfile({ client: "fresh", tables: [table] }));
    for (const name of ["first.csv", "second.csv"]) {
      await upload(client, `/spring/Uploads/${name}`, Buffer.from(`id,name,amount\n1,Ada,1.50\n2,${name},2.00\n`));
      expect(await endedBatch(fresh, client, name)).toMatchObject({ status: "completed", imported: 2, links: 2 });
    }
    const { rows } = await database.pool.query("SELECT name FROM client_fresh.spring__rows ORDER BY id");
    expect(rows.map(({ name }) => name)).toEqual(["Ada", "second.csv"]);
    const link = await waitFor(async () => {
      const text = await readFile(client.folder("/spring/Downloads/PURL_first.csv"), "utf8").catch(() => "");
      return /http:[^\s,]+\/p\/[^\s,]+/.exec(text)?.[0];
    }, "the result file");
    const page = await fetch(link);
    expect([page.status, (await page.text()).includes("For you")]).toEqual([200, true]);
  } finally {
    await database.close();
  }
});
