import { createHash } from "node:crypto";
import { hashPassword } from "@inlet/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { givenProject, openTestHub, TEST_ORIGIN, type TestHub } from "../testing/hub.ts";
import { hashToken } from "./session-token.ts";

const PASSWORD = "correct horse battery";
const PAGE = { origin: TEST_ORIGIN, "inlet-request": "1" };

let hub: TestHub;
let admin: { authorization: string };
let hash: string;
beforeAll(async () => {
  hub = await openTestHub();
  admin = await hub.as("admin");
  await givenProject(hub.database, "spring", "video");
  hash = await hashPassword(PASSWORD);
});
afterAll(() => hub?.close());

interface Given {
  payload?: object;
  headers?: Record<string, string>;
  remoteAddress?: string;
}

const ask = (method: "GET" | "POST" | "PATCH" | "DELETE", url: string, { headers = PAGE, ...given }: Given = {}) =>
  hub.app.inject({ method, url, headers, ...given });

/** A user with the password of these tests. */
async function givenUser(login: string, role = "viewer"): Promise<number> {
  const rows = await hub.sql<{ id: number }>`
    INSERT INTO inlet.users (login, name, role, password_hash) VALUES (${login}, 'Somebody', ${role}, ${hash}) RETURNING id`;
  return rows[0]!.id;
}

const signIn = (login: string, password = PASSWORD, given: Given = {}) =>
  ask("POST", "/v1/session", { payload: { login, password }, ...given });

const cookieOf = (response: { cookies: { name: string; value: string }[] }) => {
  const { name, value } = response.cookies[0]!;
  return { cookie: `${name}=${value}`, ...PAGE };
};

let addresses = 0;
/** An address that has not guessed yet. */
const elsewhere = () => {
  addresses += 1;
  return `198.51.100.${addresses}`;
};

test("the first set-up makes one admin, with an admin's key alone, and only while there is nobody", async () => {
  expect((await ask("GET", "/v1/session/methods")).json()).toEqual({ setupNeeded: true, password: true, oidc: null });
  const payload = { login: "Ops@Inlet.example", name: "Operations", password: PASSWORD };
  expect((await ask("POST", "/v1/setup", { payload })).statusCode).toBe(401);
  const operator = await hub.as("operator");
  expect((await ask("POST", "/v1/setup", { payload, headers: operator })).statusCode).toBe(403);
  const weak = await ask("POST", "/v1/setup", {
    payload: { ...payload, password: "ops-inlet-ops-inlet" },
    headers: admin,
  });
  expect([weak.statusCode, weak.json().code]).toEqual([400, "password_weak"]);
  const both = await Promise.all(
    ["ops@inlet.example", "two@inlet.example"].map((login) =>
      ask("POST", "/v1/setup", { payload: { ...payload, login }, headers: admin }),
    ),
  );
  expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([201, 409]);
  expect((await ask("GET", "/v1/session/methods")).json().setupNeeded).toBe(false);
  const { login } = both.find(({ statusCode }) => statusCode === 201)!.json();
  const signedIn = await signIn(login.toUpperCase());
  expect(signedIn.json()).toMatchObject({ role: "admin", client: null });
});

test("an invitation sets the password once, signs in, and is not shown again", async () => {
  const payload = { login: "Data@Spring.example ", name: "Spring data", role: "client", client: "spring" };
  const added = await ask("POST", "/v1/users", { payload, headers: admin });
  expect(added.statusCode).toBe(201);
  const { user, invitation } = added.json();
  expect(user).toMatchObject({ login: "data@spring.example", state: "invited", client: "spring" });
  expect(invitation.url).toBe(`${TEST_ORIGIN}/invitation#${invitation.token}`);
  const stored = await hub.sql<{
    row: string;
  }>`SELECT to_jsonb(u)::text AS row FROM inlet.users u WHERE id = ${user.id}`;
  expect(stored[0]!.row).not.toContain(invitation.token);
  expect((await ask("GET", "/v1/users", { headers: admin })).body).not.toContain(invitation.token);
  expect((await signIn(user.login)).statusCode).toBe(401);

  const { token } = invitation;
  const asked = await ask("POST", "/v1/session/invitation", { payload: { token } });
  expect(asked.json()).toEqual({
    login: user.login,
    name: "Spring data",
    reset: false,
    expiresAt: invitation.expiresAt,
  });
  const use = (password: string) => ask("POST", "/v1/session/password", { payload: { invitation: token, password } });
  expect((await use("short")).statusCode).toBe(400);
  expect((await use("password1234")).json().code).toBe("password_weak");
  const used = await Promise.all([use(PASSWORD), use("another horse, another battery")]);
  expect(used.map(({ statusCode }) => statusCode).sort()).toEqual([200, 404]);
  const mine = used.find(({ statusCode }) => statusCode === 200)!;
  expect((await ask("GET", "/v1/session", { headers: cookieOf(mine) })).json().user.login).toBe(user.login);
  expect((await ask("POST", "/v1/session/invitation", { payload: { token } })).statusCode).toBe(404);
});

test("an invitation ends by itself, by another one, and with its user", async () => {
  const id = await givenUser("late@spring.example");
  const invite = async () =>
    (await ask("POST", `/v1/users/${id}/invitation`, { headers: admin })).json().invitation.token;
  const isOpen = async (token: string) =>
    (await ask("POST", "/v1/session/invitation", { payload: { token } })).statusCode === 200;
  const [first, second] = [await invite(), await invite()];
  expect([await isOpen(first), await isOpen(second)]).toEqual([false, true]);
  await hub.sql`UPDATE inlet.users SET invitation_until = now() WHERE id = ${id}`;
  expect(await isOpen(second)).toBe(false);
  const third = await invite();
  expect((await ask("PATCH", `/v1/users/${id}`, { payload: { enabled: false }, headers: admin })).statusCode).toBe(200);
  expect(await isOpen(third)).toBe(false);
  expect((await ask("POST", `/v1/users/${id}/invitation`, { headers: admin })).json().code).toBe("user_disabled");
});

test("a session says who is signed in, and is over at once when it is signed out", async () => {
  await givenUser("a.viewer@spring.example");
  const signedIn = await signIn(" A.Viewer@spring.example ");
  expect(signedIn.statusCode).toBe(200);
  const [cookie] = signedIn.cookies;
  expect(cookie).toMatchObject({ name: "inlet-session", path: "/", httpOnly: true, sameSite: "Strict" });
  expect(cookie!.secure).toBe(undefined);
  const headers = cookieOf(signedIn);
  const session = (await ask("GET", "/v1/session", { headers })).json();
  expect(session).toEqual({
    user: { id: expect.any(Number), login: "a.viewer@spring.example", name: "Somebody", hasPassword: true },
    role: "viewer",
    client: null,
    permissions: ["self", "read", "oversee"],
    signedInBy: "password",
    csrf: { header: "inlet-request", value: "1" },
    idleExpiresAt: expect.any(String),
    expiresAt: expect.any(String),
  });
  const hours = (text: string) => Math.round((Date.parse(text) - Date.now()) / 3_600_000);
  expect([hours(session.idleExpiresAt), hours(session.expiresAt)]).toEqual([12, 168]);
  const identity = (await ask("GET", "/v1/identity", { headers })).json();
  expect(identity).toMatchObject({ kind: "user", name: "a.viewer@spring.example", prefix: "" });
  const stored = await hub.sql<{ row: string }>`SELECT to_jsonb(s)::text AS row FROM inlet.sessions s`;
  expect(JSON.stringify(stored)).not.toContain(cookie!.value);

  const out = await ask("DELETE", "/v1/session", { headers });
  expect([out.statusCode, out.body, out.cookies[0]?.value]).toEqual([204, "", ""]);
  const replayed = await ask("GET", "/v1/session", { headers });
  const forged = await ask("GET", "/v1/session", { headers: { cookie: `inlet-session=${"A".repeat(43)}` } });
  const broken = await ask("GET", "/v1/session", { headers: { cookie: "inlet-session=%00'; DROP TABLE users" } });
  const plain = ({ statusCode, headers: { "set-cookie": set }, body }: typeof replayed) => ({
    statusCode,
    set,
    body: body.replace(/"requestId":"[^"]+"/, ""),
  });
  expect(plain(replayed)).toMatchObject({ statusCode: 401, body: expect.stringContaining("session_over") });
  expect(plain(forged)).toEqual(plain(replayed));
  expect(plain(broken)).toEqual(plain(replayed));
});

test("a session ends when nothing is asked in it, and after a week in any case", async () => {
  const [idle, long] = [await hub.signedInAs("viewer"), await hub.signedInAs("viewer")];
  const hashed = ({ cookie }: { cookie: string }) => hashToken(cookie.split("=")[1]!);
  const status = async (headers: Record<string, string>) => (await ask("GET", "/v1/session", { headers })).statusCode;
  await hub.sql`UPDATE inlet.sessions SET seen_at = now() - interval '11 hours' WHERE sha256 = ${hashed(idle)}`;
  expect(await status(idle)).toBe(200);
  const seen = await hub.sql<{ fresh: boolean }>`
    SELECT seen_at > now() - interval '1 minute' AS fresh FROM inlet.sessions WHERE sha256 = ${hashed(idle)}`;
  expect(seen[0]!.fresh).toBe(true);
  await hub.sql`UPDATE inlet.sessions SET seen_at = now() - interval '12 hours' WHERE sha256 = ${hashed(idle)}`;
  expect(await status(idle)).toBe(401);
  await hub.sql`UPDATE inlet.sessions SET ends_at = now() WHERE sha256 = ${hashed(long)}`;
  expect(await status(long)).toBe(401);
});

test("every sign-in has a token of its own: one that was planted is worth nothing, before and after", async () => {
  await givenUser("fixed@spring.example");
  const planted = { cookie: `inlet-session=${"B".repeat(43)}`, ...PAGE };
  const signedIn = await signIn("fixed@spring.example", PASSWORD, { headers: planted });
  expect(signedIn.cookies[0]!.value).not.toBe("B".repeat(43));
  expect((await ask("GET", "/v1/session", { headers: planted })).statusCode).toBe(401);
  const again = await signIn("fixed@spring.example", PASSWORD, { headers: cookieOf(signedIn) });
  expect(cookieOf(again).cookie).not.toBe(cookieOf(signedIn).cookie);
  expect((await ask("GET", "/v1/session", { headers: cookieOf(signedIn) })).statusCode).toBe(401);
  expect((await ask("GET", "/v1/session", { headers: cookieOf(again) })).statusCode).toBe(200);
});

test("a new password, another role and disabling end the other sessions", async () => {
  const id = await givenUser("many@spring.example");
  const open = async (password = PASSWORD) => cookieOf(await signIn("many@spring.example", password));
  const status = async (headers: Record<string, string>) => (await ask("GET", "/v1/session", { headers })).statusCode;
  const [one, two] = [await open(), await open()];
  const other = "another horse, another battery";
  const wrong = await ask("POST", "/v1/session/password", {
    payload: { current: "wrong", password: other },
    headers: one,
  });
  expect(wrong.json().code).toBe("sign_in_failed");
  expect(await status(one)).toBe(200);
  const payload = { current: PASSWORD, password: other };
  const changed = await ask("POST", "/v1/session/password", { payload, headers: one });
  expect(changed.statusCode).toBe(200);
  expect([await status(one), await status(two), await status(cookieOf(changed))]).toEqual([401, 401, 200]);
  expect((await signIn("many@spring.example")).statusCode).toBe(401);

  const patch = (change: object) => ask("PATCH", `/v1/users/${id}`, { payload: change, headers: admin });
  const third = await open(other);
  expect((await patch({ name: "Many" })).json()).toMatchObject({ name: "Many" });
  expect(await status(third)).toBe(200);
  expect((await patch({ role: "operator", client: "spring" })).json()).toMatchObject({ client: "spring" });
  expect(await status(third)).toBe(401);
  const fourth = await open(other);
  expect((await ask("GET", "/v1/users", { headers: admin })).json().users).toContainEqual(
    expect.objectContaining({ login: "many@spring.example", sessions: 1, state: "active" }),
  );
  expect((await patch({ enabled: false })).json()).toMatchObject({ state: "disabled" });
  expect(await status(fourth)).toBe(401);
  expect((await signIn("many@spring.example", other)).statusCode).toBe(401);
  expect((await patch({ role: "admin" })).json().errors).toMatchObject([{ path: ["client"] }]);
  expect((await ask("DELETE", `/v1/users/${id}`, { headers: admin })).statusCode).toBe(200);
  expect((await patch({ enabled: true })).statusCode).toBe(404);
});

test("the last admin who can sign in stays, and one that changes the own user stays signed in", async () => {
  const rows = await hub.sql<{ id: number }>`SELECT id FROM inlet.users WHERE role = 'admin' AND enabled`;
  const [{ id }] = rows as [{ id: number }];
  expect(rows).toHaveLength(1);
  for (const change of [{ enabled: false }, { role: "operator" }]) {
    const response = await ask("PATCH", `/v1/users/${id}`, { payload: change, headers: admin });
    expect(response.json().code).toBe("last_admin");
  }
  expect((await ask("DELETE", `/v1/users/${id}`, { headers: admin })).json().code).toBe("last_admin");
  const second = await givenUser("second@inlet.example", "admin");
  const headers = cookieOf(await signIn("second@inlet.example"));
  const demoted = await ask("PATCH", `/v1/users/${second}`, { payload: { role: "operator" }, headers });
  expect(demoted.statusCode).toBe(200);
  expect((await ask("GET", "/v1/session", { headers })).json().role).toBe("operator");
});

test("with the cookie alone nothing is changed: the request has to be the console's own", async () => {
  const headers = await hub.signedInAs("admin");
  const attempt = (more: Record<string, string | undefined>) => {
    const given = Object.entries({ ...headers, ...more }).filter((entry) => entry[1] !== undefined);
    const payload = { name: "forged", role: "viewer" };
    return ask("POST", "/v1/api-keys", { payload, headers: Object.fromEntries(given) as Record<string, string> });
  };
  for (const forged of [
    { "inlet-request": undefined },
    { "inlet-request": "0" },
    { origin: undefined },
    { origin: "null" },
    { origin: "https://evil.example" },
    { origin: `${TEST_ORIGIN}.evil.example` },
    { origin: `${TEST_ORIGIN}:8081` },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "none" },
  ]) {
    const response = await attempt(forged);
    expect([response.statusCode, response.json().code], JSON.stringify(forged)).toEqual([403, "foreign_page"]);
  }
  expect(await hub.sql`SELECT 1 FROM inlet.api_keys WHERE name = 'forged'`).toEqual([]);
  expect((await attempt({})).statusCode).toBe(201);
  expect((await attempt({ origin: undefined, "sec-fetch-site": "same-origin" })).statusCode).toBe(201);
  // A key needs none of it, and wins over a cookie; a broken key is not rescued by one.
  const key = { payload: { name: "by key", role: "viewer" } };
  expect(
    (await ask("POST", "/v1/api-keys", { ...key, headers: { ...admin, origin: "https://evil.example" } })).statusCode,
  ).toBe(201);
  const broken = { ...headers, authorization: "Bearer inlet_nothing" };
  expect((await ask("GET", "/v1/session", { headers: broken })).statusCode).toBe(401);
  // Nor does another site sign anybody in or set a password.
  for (const url of ["/v1/session", "/v1/session/password"]) {
    const payload = url.endsWith("password")
      ? { current: "x", password: PASSWORD }
      : { login: "x", password: PASSWORD };
    const response = await ask("POST", url, {
      payload,
      headers: { origin: "https://evil.example", "inlet-request": "1" },
    });
    expect(response.json().code, url).toBe("foreign_page");
  }
});

test("over HTTPS the cookie is bound to this very host, and another one of the same name counts for nothing", async () => {
  await givenUser("secure@spring.example");
  const app = await hub.appWith({ CONSOLE_URL: "https://inlet.example.com", API_TRUSTED_PROXIES: ["127.0.0.1"] });
  const origin = "https://inlet.example.com";
  const page = { origin, "inlet-request": "1" };
  const payload = { login: "secure@spring.example", password: PASSWORD };
  const signedIn = await app.inject({ method: "POST", url: "/v1/session", headers: page, payload });
  const [cookie] = signedIn.cookies;
  expect(cookie).toMatchObject({ name: "__Host-inlet-session", secure: true, path: "/", httpOnly: true });
  expect(cookie!.domain).toBe(undefined);
  const status = async (name: string) =>
    (await app.inject({ url: "/v1/session", headers: { cookie: `${name}=${cookie!.value}` } })).statusCode;
  expect([await status("__Host-inlet-session"), await status("inlet-session")]).toEqual([200, 401]);
  const added = await app.inject({
    method: "POST",
    url: "/v1/users",
    headers: { cookie: (await hub.signedInAs("admin")).cookie.replace("inlet", "__Host-inlet"), ...page },
    payload: { login: "new@spring.example", name: "New", role: "viewer" },
  });
  expect(added.json().invitation.url).toMatch(/^https:\/\/inlet\.example\.com\/invitation#/);

  const proxied = await hub.appWith({ API_TRUSTED_PROXIES: ["127.0.0.1"] });
  const behind = { "x-forwarded-proto": "https", "x-forwarded-host": "inlet.example.com", ...page };
  const there = await proxied.inject({ method: "POST", url: "/v1/session", headers: behind, payload });
  expect(there.cookies[0]).toMatchObject({ name: "__Host-inlet-session", secure: true });
  const stranger = { ...behind, origin: TEST_ORIGIN };
  const distrusted = await hub.app.inject({ method: "POST", url: "/v1/session", headers: stranger, payload });
  expect(distrusted.cookies[0]!.name).toBe("inlet-session");
});

test("who guesses is locked out, by login and by address, whether or not there is such a user", async () => {
  await givenUser("guessed@spring.example");
  await givenUser("other@spring.example");
  const scored = async (score: number, address: string) => {
    const rows = await hub.sql`UPDATE inlet.login_scores SET score = ${score} WHERE address = ${address} RETURNING 1`;
    expect(rows).toHaveLength(1);
  };
  // The tenth attempt at one login locks it, for somebody and for nobody alike, from wherever it comes.
  const guess = async (login: string) => {
    const answers = [await signIn(login, "wrong", { remoteAddress: elsewhere() })];
    await scored(8, `login/${createHash("sha256").update(login).digest("hex")}`);
    for (let n = 0; n < 3; n += 1) answers.push(await signIn(login, "wrong", { remoteAddress: elsewhere() }));
    return answers;
  };
  const [real, unreal] = [await guess("guessed@spring.example"), await guess("nobody@spring.example")];
  const shape = (answers: typeof real) =>
    answers.map(({ statusCode, body }) => [statusCode, body.replace(/"requestId":"[^"]+"|\d\d seconds/g, "")]);
  expect(real.map(({ statusCode }) => statusCode)).toEqual([401, 401, 429, 429]);
  expect(shape(unreal)).toEqual(shape(real));
  expect(Number(real[3]!.headers["retry-after"])).toBeGreaterThan(50);
  const right = await signIn("guessed@spring.example", PASSWORD, { remoteAddress: elsewhere() });
  expect(right.json().code).toBe("sign_in_locked");
  // What comes while it is locked does not count, so nobody locks a login for longer by going on.
  const scores = await hub.sql<{ score: number }>`
    SELECT score FROM inlet.login_scores WHERE address = ${`login/${createHash("sha256").update("guessed@spring.example").digest("hex")}`}`;
  expect(scores).toEqual([{ score: 0 }]);

  // The thirtieth from one address locks the address, for the right password too; elsewhere it goes on.
  const here = elsewhere();
  await signIn("guess@spring.example", "wrong", { remoteAddress: here });
  await scored(28, `console/${here}`);
  expect((await signIn("guess2@spring.example", "wrong", { remoteAddress: here })).statusCode).toBe(401);
  expect((await signIn("guess3@spring.example", "wrong", { remoteAddress: here })).statusCode).toBe(429);
  const locked = await signIn("other@spring.example", PASSWORD, { remoteAddress: here });
  expect([locked.statusCode, Number(locked.headers["retry-after"]) > 600]).toEqual([429, true]);
  expect((await signIn("other@spring.example", PASSWORD, { remoteAddress: elsewhere() })).statusCode).toBe(200);
  // The SFTP gateway asks for the address by itself: nobody is kept out there for what was guessed here.
  expect(await hub.sql`SELECT 1 FROM inlet.login_scores WHERE address = ${here}`).toEqual([]);

  const audit = await hub.sql<{ actor: string; outcome: string; count: number }>`
    SELECT actor, outcome, count(*)::int AS count FROM inlet.audit
    WHERE action = 'sign-in' AND actor IN ('guessed@spring.example', 'nobody@spring.example', 'guess3@spring.example')
    GROUP BY 1, 2 ORDER BY 1, 2`;
  expect(audit).toEqual([
    { actor: "guess3@spring.example", outcome: "locked", count: 1 },
    { actor: "guessed@spring.example", outcome: "failed", count: 2 },
    { actor: "guessed@spring.example", outcome: "locked", count: 1 },
    { actor: "nobody@spring.example", outcome: "failed", count: 2 },
    { actor: "nobody@spring.example", outcome: "locked", count: 1 },
  ]);
});

test("of many guesses at once no more are tried than one after the other, and none too many wait", async () => {
  const answers = await Promise.all(
    Array.from({ length: 25 }, () => signIn("burst@spring.example", "wrong", { remoteAddress: elsewhere() })),
  );
  const tried = answers.filter(({ statusCode }) => statusCode === 401);
  expect(tried.length).toBeLessThanOrEqual(9);
  expect(answers.filter(({ statusCode }) => statusCode === 429)).toHaveLength(25 - tried.length);
});

test("a right password forgives the wrong ones before it: the login's all, the address's own alone", async () => {
  await givenUser("clumsy@spring.example");
  const address = elsewhere();
  for (let n = 0; n < 3; n += 1) await signIn("clumsy@spring.example", "wrong", { remoteAddress: address });
  expect((await signIn("clumsy@spring.example", PASSWORD, { remoteAddress: address })).statusCode).toBe(200);
  const login = `login/${createHash("sha256").update("clumsy@spring.example").digest("hex")}`;
  const scores = await hub.sql<{ score: number }>`
    SELECT score FROM inlet.login_scores WHERE address IN (${login}, ${`console/${address}`}) ORDER BY address`;
  expect(scores).toEqual([{ score: 3 }, { score: 0 }]);
});

test("an unknown login takes as long as a known one, and so does one without a password", async () => {
  await givenUser("timed@spring.example");
  await hub.sql`INSERT INTO inlet.users (login, name, role) VALUES ('invited@spring.example', 'x', 'viewer')`;
  const logins = ["timed@spring.example", "unknown@spring.example", "invited@spring.example", "no address at all"];
  const shortestMs = logins.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < 3; round += 1) {
    for (const [index, login] of logins.entries()) {
      const from = performance.now();
      expect((await signIn(login, "wrong", { remoteAddress: elsewhere() })).statusCode).toBe(401);
      shortestMs[index] = Math.min(shortestMs[index]!, performance.now() - from);
    }
  }
  // Without a password to compare it would be some fifty times shorter.
  for (const each of shortestMs) expect(each).toBeGreaterThan(shortestMs[0]! / 3);
});

test.each([
  ["a line break", "a@spring.example\r\nSet-Cookie: inlet-session=x"],
  ["markup", "<script>alert(1)</script>@spring.example"],
  ["SQL", "' OR 1=1 --@spring.example"],
  ["a password in the wrong field", "my-Secret-Password-1"],
])("%s in a login is a wrong login like any other, and reaches neither a header nor the audit", async (_, login) => {
  const response = await signIn(login, "wrong", { remoteAddress: elsewhere() });
  expect([response.statusCode, response.json().code]).toEqual([401, "sign_in_failed"]);
  expect(response.headers["set-cookie"]).toBe(undefined);
  const audit = await hub.sql<{ actor: string }>`
    SELECT actor FROM inlet.audit WHERE action = 'sign-in' ORDER BY id DESC LIMIT 1`;
  expect(audit).toEqual([{ actor: "(no e-mail address)" }]);
  const added = await ask("POST", "/v1/users", { payload: { login, name: "x", role: "viewer" }, headers: admin });
  expect(added.statusCode).toBe(400);
});

test("names cannot turn a line around, and bodies have an end", async () => {
  const add = (name: string) =>
    ask("POST", "/v1/users", { payload: { login: "odd@spring.example", name, role: "viewer" }, headers: admin });
  for (const name of ["a\u202eb", "a\nb", "a\u0000b", " ", "x".repeat(81)])
    expect((await add(name)).statusCode).toBe(400);
  const huge = { login: "x@spring.example", password: "x".repeat(5_000_000) };
  expect((await signIn(huge.login, huge.password)).statusCode).toBe(413);
  expect((await signIn(huge.login, "x".repeat(201))).statusCode).toBe(400);
});

test("who did what stands in the audit under the user's login", async () => {
  const headers = await hub.signedInAs("admin");
  await ask("POST", "/v1/api-keys", { payload: { name: "made by a user", role: "viewer" }, headers });
  const audit = await hub.sql<{ actor: string; detail: object }>`
    SELECT actor, detail FROM inlet.audit WHERE action = 'api-key.create' ORDER BY id DESC LIMIT 1`;
  expect(audit[0]).toMatchObject({
    actor: expect.stringMatching(/^admin\.\d+@inlet\.example$/),
    detail: { userId: expect.any(Number), name: "made by a user" },
  });
});
