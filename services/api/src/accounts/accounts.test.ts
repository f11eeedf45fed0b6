import { verifyPassword } from "@inlet/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { givenProject, openTestHub, type TestHub } from "../testing/hub.ts";

let hub: TestHub;
let admin: { authorization: string };

beforeAll(async () => {
  hub = await openTestHub();
  admin = await hub.as("admin");
  await givenProject(hub.database, "spring", "video");
  await givenProject(hub.database, "spring", "mail");
});
afterAll(() => hub?.close());

const send = (method: "POST" | "PATCH", url: string, payload: object) =>
  hub.app.inject({ method, url, headers: admin, payload });

async function storedHash(username: string): Promise<string | null> {
  const rows = await hub.sql<{ hash: string | null }>`
    SELECT password_hash AS hash FROM inlet.accounts WHERE username = ${username}`;
  return rows[0]!.hash;
}

test("an account gets a password that is shown once, sees its folders, and its ranges are put in order", async () => {
  const payload = {
    client: "spring",
    username: "spring",
    generatePassword: true,
    cidrs: ["10.1.2.3/8", "::ffff:192.0.2.7"],
    projects: ["video"],
  };
  const made = await send("POST", "/v1/accounts", payload);
  expect(made.statusCode).toBe(201);
  const account = made.json();
  expect(account).toMatchObject({
    username: "spring",
    enabled: true,
    hasPassword: true,
    cidrs: ["10.0.0.0/8", "192.0.2.7/32"],
    folders: [
      { path: "/video/Uploads", use: "uploads", project: "video" },
      { path: "/video/Downloads", use: "downloads", project: "video" },
    ],
  });
  expect(account.password).toMatch(/^([a-z2-9]{5}-){4}[a-z2-9]{5}$/);
  expect(await verifyPassword(account.password, (await storedHash("spring"))!)).toBe(true);
  const list = await hub.app.inject({ url: "/v1/accounts?client=spring", headers: admin });
  expect(list.json().accounts).toHaveLength(1);
  expect(list.body).not.toContain(account.password);
  const rows = await hub.sql<{ all: string }>`SELECT jsonb_agg(a)::text AS all FROM inlet.audit a`;
  expect(rows[0]!.all).toContain("account.add");
  expect(rows[0]!.all).not.toContain(account.password);
});

test("an account is changed in the parts that are given, and in no other", async () => {
  const url = "/v1/accounts/spring";
  const before = await storedHash("spring");
  expect((await send("PATCH", url, { enabled: false })).json()).toMatchObject({ enabled: false, hasPassword: true });
  expect(await storedHash("spring")).toBe(before);
  const changed = await send("PATCH", url, {
    enabled: true,
    password: "correct horse battery",
    cidrs: [],
    projects: null,
  });
  expect(changed.json()).toMatchObject({ enabled: true, cidrs: [], projects: null });
  expect(changed.json().folders).toHaveLength(4);
  expect(await verifyPassword("correct horse battery", (await storedHash("spring"))!)).toBe(true);
  expect((await send("PATCH", url, { password: null })).json().hasPassword).toBe(false);
  const rows = await hub.sql<{ detail: object }>`
    SELECT detail - 'apiKey' AS detail FROM inlet.audit WHERE action = 'account.change' ORDER BY id`;
  expect(rows.map((row) => row.detail)).toEqual([
    { enabled: false },
    { enabled: true, password: "set", cidrs: [], projects: null },
    { password: "removed" },
  ]);
});

test("mistakes are named together", async () => {
  const response = await send("POST", "/v1/accounts", {
    client: "spring",
    username: "second",
    publicKeys: ["ssh-dss AAAAB3NzaC1kc3MAAACB"],
    cidrs: ["10.0.0.0/33", "office"],
  });
  expect(response.statusCode).toBe(400);
  expect(response.json().errors.map(({ path }: { path: unknown[] }) => path.join("."))).toEqual([
    "publicKeys.0",
    "cidrs.0",
    "cidrs.1",
  ]);
  const project = { client: "spring", username: "second", generatePassword: true, projects: ["nope"] };
  expect((await send("POST", "/v1/accounts", project)).json().errors[0].message).toBe("nope is no project of spring");
  const nothing = { client: "spring", username: "second" };
  expect((await send("POST", "/v1/accounts", nothing)).json().errors[0].path).toEqual(["publicKeys"]);
});

test("a taken name, an unknown client and an unknown account are told apart", async () => {
  const account = { client: "spring", username: "spring", generatePassword: true };
  expect((await send("POST", "/v1/accounts", account)).json().code).toBe("username_taken");
  const nobody = { ...account, client: "nobody", username: "x" };
  expect((await send("POST", "/v1/accounts", nobody)).json().code).toBe("client_not_found");
  expect((await send("PATCH", "/v1/accounts/nobody", { enabled: false })).json().code).toBe("account_not_found");
});
