import { readEnv } from "@inlet/runtime";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import type { App } from "../app.ts";
import { givenProject, openTestHub, type TestHub } from "../testing/hub.ts";
import { OIDC_CLIENT, openIssuer, type TestIssuer } from "../testing/issuer.ts";
import { pathWithin } from "./going-on-page.ts";
import { assertOidcWhole, consoleEnvSchema } from "./identity-env.ts";

const CONSOLE_URL = "https://inlet.example.com";

let hub: TestHub;
let issuer: TestIssuer;
let app: App;
let withRoles: App;
beforeAll(async () => {
  hub = await openTestHub();
  await givenProject(hub.database, "spring", "video");
  issuer = await openIssuer({ consoleUrl: CONSOLE_URL });
  const env = { CONSOLE_URL, OIDC_ISSUER: issuer.url, OIDC_NAME: "Company login", ...OIDC_CLIENT };
  app = await hub.appWith(env);
  withRoles = await hub.appWith({
    ...env,
    OIDC_ROLE_CLAIM: "groups",
    OIDC_ROLE_MAP: {
      "inlet-operators": { role: "operator", client: undefined },
      spring: { role: "client", client: "spring" },
      nowhere: { role: "client", client: "nowhere" },
    },
  });
});
afterAll(async () => {
  await issuer?.close();
  await hub?.close();
});
beforeEach(async () => {
  await hub.sql`DELETE FROM inlet.users`;
});

const person = (email: string, more: object = {}) => ({ email, email_verified: true, name: "Somebody", ...more });

async function givenUser(login: string, role = "viewer"): Promise<number> {
  const rows = await hub.sql<{ id: number }>`
    INSERT INTO inlet.users (login, name, role) VALUES (${login}, 'x', ${role}) RETURNING id`;
  return rows[0]!.id;
}

/** Begins a sign-in: the browser's cookie, and where it is sent. */
async function begin(on: App = app, to = "/activity?status=failed") {
  const response = await on.inject({ url: `/v1/session/oidc?to=${encodeURIComponent(to)}` });
  const [cookie] = response.cookies;
  return { response, cookie: cookie && `${cookie.name}=${cookie.value}`, address: String(response.headers.location) };
}

/** Goes through the issuer's pages as a browser does, up to the way back: the callback's path and query. */
async function throughIssuer(address: string): Promise<string> {
  const jar = new Map<string, string>();
  for (let url = address, steps = 0; steps < 10; steps += 1) {
    if (url.startsWith(CONSOLE_URL)) return url.slice(CONSOLE_URL.length);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!;
      jar.set(name!, value!);
    }
    const location = response.headers.get("location");
    if (location === null) throw new Error(`${response.status} ${await response.text()}`);
    url = new URL(location, url).href;
  }
  throw new Error("the issuer goes in circles");
}

/** A whole sign-in of a person. */
async function signIn(sub: string | undefined, on: App = app) {
  issuer.signsIn = sub;
  const { cookie, address } = await begin(on);
  const url = await throughIssuer(address);
  const response = await on.inject({ url, headers: { cookie: cookie! } });
  const session = response.cookies.find(({ name }) => name === "__Host-inlet-session");
  const to = /url=([^"]+)"/.exec(response.body)?.[1]?.replaceAll("&#38;", "&");
  const asked =
    session && (await on.inject({ url: "/v1/session", headers: { cookie: `${session.name}=${session.value}` } }));
  return { response, to, cookie, url, session: asked?.json() };
}

test("a user signs in elsewhere by the verified e-mail address, and is bound to that login from then on", async () => {
  await givenUser("data@spring.example", "operator");
  issuer.people.data = person("Data@Spring.example");
  expect((await app.inject("/v1/session/methods")).json().oidc).toEqual({ name: "Company login" });
  const first = await signIn("data");
  expect(first.session).toMatchObject({
    user: { login: "data@spring.example", hasPassword: false },
    role: "operator",
    signedInBy: "oidc",
  });
  expect(first.to).toBe("/activity?status=failed");
  // The issuer gives the address to somebody else: that is another person.
  issuer.people.other = person("data@spring.example");
  expect((await signIn("other")).to).toBe("/sign-in?refused=disabled");
  // The same person under another address is the same user.
  issuer.people.data = person("renamed@spring.example");
  expect((await signIn("data")).session.user.login).toBe("data@spring.example");
  const audit = await hub.sql<{ action: string; detail: object }>`
    SELECT action, detail FROM inlet.audit WHERE actor = 'data@spring.example' ORDER BY id`;
  expect(audit.map(({ action }) => action)).toEqual(["user.bind", "sign-in", "sign-in"]);
  expect(audit[0]!.detail).toMatchObject({ issuer: issuer.url, subject: "data" });
});

test("the callback answers a page that goes on by itself, with a Strict cookie and nothing that could run", async () => {
  await givenUser("data@spring.example");
  issuer.people.data = person("data@spring.example");
  const { response } = await signIn("data");
  expect(response.statusCode).toBe(200);
  expect(response.headers["content-type"]).toBe("text/html; charset=utf-8");
  const policy = String(response.headers["content-security-policy"]);
  expect(policy).toMatch(/^default-src 'none';/);
  expect(policy).not.toContain("sandbox");
  expect(response.body).toContain('<meta http-equiv="refresh" content="0;url=/activity?status=failed">');
  expect(response.body).not.toContain("<script");
  expect(response.cookies).toMatchObject([
    { name: "__Host-inlet-oidc", value: "" },
    { name: "__Host-inlet-session", sameSite: "Strict", httpOnly: true, secure: true, path: "/" },
  ]);
});

test("what is begun is kept sealed in the browser that began it, and is good once", async () => {
  await givenUser("data@spring.example");
  issuer.people.data = person("data@spring.example");
  const begun = await begin();
  expect(begun.response.cookies[0]).toMatchObject({ sameSite: "Lax", httpOnly: true, secure: true, maxAge: 600 });
  const asked = new URL(begun.address).searchParams;
  expect(asked.get("code_challenge_method")).toBe("S256");
  expect(begun.cookie).not.toContain(asked.get("state"));
  issuer.signsIn = "data";
  const url = await throughIssuer(begun.address);
  const refusedAs = async (path: string, cookie?: string) => {
    const response = await app.inject({ url: path, headers: cookie === undefined ? {} : { cookie } });
    expect(response.cookies.some(({ name }) => name === "__Host-inlet-session")).toBe(false);
    return /refused=(\w+)/.exec(response.body)?.[1];
  };
  expect(await refusedAs(url)).toBe("expired");
  expect(await refusedAs(url, `${begun.cookie!.slice(0, -2)}AA`)).toBe("expired");
  expect(await refusedAs(url, (await begin()).cookie)).toBe("unavailable");
  expect(await refusedAs(url.replace(/state=[^&]+/, "state=forged"), begun.cookie)).toBe("unavailable");
  expect(await refusedAs(url.replace(/code=[^&]+/, "code=forged"), begun.cookie)).toBe("unavailable");
  expect(await refusedAs(url.replace(/iss=[^&]+/, "iss=https%3A%2F%2Fevil.example"), begun.cookie)).toBe("unavailable");
  const good = await app.inject({ url, headers: { cookie: begun.cookie! } });
  expect(good.cookies).toHaveLength(2);
  // The whole of it played back: the code is used up.
  expect(await refusedAs(url, begun.cookie)).toBe("unavailable");
});

test("nobody gets in who is not a user, is disabled, turns back, or has no address that is vouched for", async () => {
  issuer.people.stranger = person("stranger@spring.example");
  expect((await signIn("stranger")).to).toBe("/sign-in?refused=unknown");
  issuer.people.loose = { email: "loose@spring.example", email_verified: false };
  await givenUser("loose@spring.example");
  expect((await signIn("loose")).to).toBe("/sign-in?refused=unverified");
  issuer.people.silent = { email: "loose@spring.example" };
  expect((await signIn("silent")).to).toBe("/sign-in?refused=unverified");
  const trusting = await hub.appWith({ CONSOLE_URL, OIDC_ISSUER: issuer.url, OIDC_TRUST_EMAIL: true, ...OIDC_CLIENT });
  expect((await signIn("loose", trusting)).to).toBe("/sign-in?refused=unverified");
  expect((await signIn("silent", trusting)).session.user.login).toBe("loose@spring.example");
  await hub.sql`UPDATE inlet.users SET enabled = false`;
  expect((await signIn("silent", trusting)).to).toBe("/sign-in?refused=disabled");
  expect((await signIn(undefined)).to).toBe("/sign-in?refused=cancelled");
  const audit = await hub.sql<{ reason: string }>`
    SELECT detail->>'reason' AS reason FROM inlet.audit WHERE action = 'sign-in' AND outcome = 'failed' ORDER BY id DESC LIMIT 2`;
  expect(audit.map(({ reason }) => reason)).toEqual(["cancelled", "disabled"]);
});

test("where the issuer says what somebody may, users are made, follow it, and lose it", async () => {
  issuer.people.new = person("new@spring.example", { groups: ["everybody", "spring"] });
  expect((await signIn("new", withRoles)).session).toMatchObject({ role: "client", client: "spring" });
  const users = async () => (await hub.app.inject({ url: "/v1/users", headers: await hub.as("admin") })).json().users;
  expect(await users()).toMatchObject([{ login: "new@spring.example", name: "Somebody", roleFromClaim: true }]);

  const before = await signIn("new", withRoles);
  issuer.people.new = person("new@spring.example", { groups: ["spring", "inlet-operators"] });
  expect((await signIn("new", withRoles)).session).toMatchObject({ role: "operator", client: null });
  const cookie = before.response.cookies.find(({ name }) => name === "__Host-inlet-session")!;
  const old = await withRoles.inject({ url: "/v1/session", headers: { cookie: `${cookie.name}=${cookie.value}` } });
  expect(old.statusCode).toBe(401);

  issuer.people.new = person("new@spring.example", { groups: [] });
  expect((await signIn("new", withRoles)).to).toBe("/sign-in?refused=no_role");
  expect(await users()).toMatchObject([{ sessions: 0 }]);
  issuer.people.lost = person("lost@spring.example", { groups: ["nowhere"] });
  expect((await signIn("lost", withRoles)).to).toBe("/sign-in?refused=no_role");

  // An admin's word stands above the issuer's from then on.
  const [{ id }] = await users();
  const admin = await hub.as("admin");
  await hub.app.inject({ method: "PATCH", url: `/v1/users/${id}`, headers: admin, payload: { role: "viewer" } });
  expect((await signIn("new", withRoles)).session).toMatchObject({ role: "viewer" });
});

test("an issuer that is away stops nothing but the sign-ins there, and is found when it is back", async () => {
  const gone = await openIssuer({ consoleUrl: CONSOLE_URL });
  const port = Number(new URL(gone.url).port);
  await gone.close();
  const other = await hub.appWith({ CONSOLE_URL, OIDC_ISSUER: gone.url, ...OIDC_CLIENT });
  expect((await other.inject("/v1/session/methods")).json()).toMatchObject({ oidc: { name: `127.0.0.1:${port}` } });
  expect((await begin(other)).address).toBe("/sign-in?refused=unavailable");
  const back = await openIssuer({ consoleUrl: CONSOLE_URL, port });
  try {
    expect((await begin(other)).address).toMatch(new RegExp(`^http://127.0.0.1:${port}/`));
  } finally {
    await back.close();
  }
  expect((await hub.app.inject("/v1/session/oidc")).json().code).toBe("no_oidc");
});

test.each([
  ["/activity?x=1#line-3", "/activity?x=1#line-3"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["https://evil.example", "/"],
  ["javascript:alert(1)", "/"],
  ["/\t/evil.example", "/"],
  ["/.//evil.example", "/"],
  ["/x/..//evil.example", "/"],
  ["/%2e//evil.example", "/"],
  ["/.\\/evil.example", "/"],
  ["/activity?to=//evil.example", "/activity?to=//evil.example"],
  ['/"><script>', "/%22%3E%3Cscript%3E"],
  [undefined, "/"],
])("the page to go to, %s, stays within the console: %s", (to, within) => {
  expect(pathWithin(to)).toBe(within);
});

test("variables that need one another are asked for together, and a map says what is wrong with it", () => {
  const schema = z.object(consoleEnvSchema.shape).superRefine(assertOidcWhole);
  const read = (env: Record<string, string>) => readEnv(schema, env);
  expect(read({ OIDC_ISSUER: "", CONSOLE_URL: "" })).toMatchObject({ OIDC_ISSUER: undefined });
  expect(() => read({ OIDC_ISSUER: "https://issuer.example.com" })).toThrow(
    /OIDC_CLIENT_ID: is missing.*OIDC_CLIENT_SECRET: is missing.*CONSOLE_URL: is missing/,
  );
  expect(() => read({ OIDC_ISSUER: "http://issuer.example.com" })).toThrow(/OIDC_ISSUER: an https address/);
  expect(() => read({ CONSOLE_URL: "https://inlet.example.com/console" })).toThrow(
    /CONSOLE_URL: an address without a path/,
  );
  expect(() => read({ OIDC_ROLE_MAP: "admins" })).toThrow(/OIDC_ROLE_MAP: JSON such as/);
  expect(() => read({ OIDC_ROLE_CLAIM: "groups", OIDC_ROLE_MAP: '{"a":"client"}' })).toThrow(/names its client/);
  const map = '{"inlet-admins":"admin","spring":{"role":"client","client":"spring"}}';
  expect(read({ OIDC_ROLE_CLAIM: "groups", OIDC_ROLE_MAP: map }).OIDC_ROLE_MAP).toEqual({
    "inlet-admins": { role: "admin", client: undefined },
    spring: { role: "client", client: "spring" },
  });
});
