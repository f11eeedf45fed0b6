import { type AccessWord, type ApiRole, permissionsOf } from "@inlet/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { GuardedRoute } from "../access.ts";
import { openTestHub, type TestHub } from "../testing/hub.ts";
import { MOUNTED, ROUTE_FIXTURES, type RouteFixture } from "../testing/route-fixtures.ts";
import { givenSide, NOWHERE, type Side } from "../testing/side.ts";

const OWN = "spring";
const OTHER = "iris";

let hub: TestHub;
let sides: Record<typeof OWN | typeof OTHER, Side>;
let routes: readonly GuardedRoute[];
beforeAll(async () => {
  hub = await openTestHub();
  sides = { [OWN]: await givenSide(hub, OWN), [OTHER]: await givenSide(hub, OTHER) };
  routes = hub.app.guardedRoutes;
}, 60_000);
afterAll(() => hub?.close());

const nameOf = ({ method, url }: GuardedRoute) => `${method} ${url}`;
const isWriting = ({ method }: GuardedRoute) => !["GET", "HEAD"].includes(method);
const hasPlaces = ({ url }: GuardedRoute) => /[:*]/.test(url);
const isMounted = ({ url }: GuardedRoute) => MOUNTED.some((begin) => url === begin || url.startsWith(`${begin}/`));

test("every route says what it needs, and has its line in the table of fixtures", () => {
  expect(routes.length).toBeGreaterThan(60);
  const missing = routes.flatMap((route) => {
    const name = nameOf(route);
    if (route.access === undefined) return [`${name} has no rule: give it \`config: { access }\`.`];
    if (isMounted(route)) {
      return isReachable(route.access) ? [`${name} is mounted, and may only be for callers who see all clients.`] : [];
    }
    if (ROUTE_FIXTURES[name] !== undefined || !(hasPlaces(route) || isWriting(route))) return [];
    const what = hasPlaces(route) ? "how its address is made for a client's thing" : "which body it takes";
    return [`${name} is not tested: add its line to ROUTE_FIXTURES in testing/route-fixtures.ts, which says ${what}.`];
  });
  expect(missing).toEqual([]);
});

test("the table of fixtures holds no route that is not there any more", () => {
  const names = new Set(routes.map(nameOf));
  expect(Object.keys(ROUTE_FIXTURES).filter((name) => !names.has(name))).toEqual([]);
});

const KINDS = [
  { role: "admin" },
  { role: "operator" },
  { role: "operator", client: OWN },
  { role: "client", client: OWN },
  { role: "viewer" },
  { role: "viewer", client: OWN },
] as const satisfies readonly { role: ApiRole; client?: string }[];

interface Caller {
  permissions: readonly AccessWord[];
  isScoped: boolean;
  headers(): Promise<Record<string, string>>;
}

test.each(
  KINDS.flatMap((kind) =>
    (["key", "cookie"] as const).map((by) => ({ ...kind, client: "client" in kind ? kind.client : undefined, by })),
  ),
)(
  "$role of $client by $by: every route, the own client's things and another's",
  async ({ role, client, by }) => {
    const headers = () => (by === "key" ? hub.as(role, client) : hub.signedInAs(role, client));
    const kept = await headers();
    const caller = { permissions: permissionsOf({ role, client }), isScoped: client !== undefined };
    const failures: string[] = [];
    for (const route of routes) {
      const fixture = fixtureOf(route);
      const once = { ...caller, headers: async () => (fixture?.endsSession ? await headers() : kept) };
      for (const side of [OWN, OTHER] as const) failures.push(...(await judge(route, once, side)));
    }
    expect(failures).toEqual([]);
  },
  120_000,
);

test("nobody: every route that is not public is answered with 401, whatever is there", async () => {
  const nobody: Caller = { permissions: [], isScoped: true, headers: async () => ({}) };
  const failures = [];
  for (const route of routes) failures.push(...(await judge(route, nobody, OWN)));
  expect(failures).toEqual([]);
});

test("a list that hides another client's things would show them to who may see them", async () => {
  const headers = await hub.as("admin");
  const failures = [];
  for (const route of routes.filter((each) => each.method === "GET" && isReachable(each.access) && !hasPlaces(each))) {
    if (route.access === "public" || fixtureOf(route)?.namesNobody) continue;
    const url = fixtureOf(route)?.path?.(sides[OTHER]) ?? route.url;
    const response = await hub.app.inject({ url, headers });
    if (!response.body.includes(OTHER)) {
      failures.push(`${nameOf(route)} shows nothing of ${OTHER}: let givenSide make it, or say namesNobody.`);
    }
  }
  expect(failures).toEqual([]);
});

/** Whether a caller of one client can get there at all. */
const isReachable = (access: GuardedRoute["access"]) =>
  access === "public" || permissionsOf({ role: "operator", client: OWN }).includes(access);

function fixtureOf(route: GuardedRoute): RouteFixture | undefined {
  if (isMounted(route)) return { path: () => route.url.replace(/:\w+|\*/g, "x") };
  const known = ROUTE_FIXTURES[nameOf(route)];
  // What has no line is named by the first test.
  return known ?? (hasPlaces(route) || isWriting(route) ? undefined : {});
}

/** Whether the request is about a client's thing at all: its address names one, or its body does. */
const concernsClients = (route: GuardedRoute, { body, ships }: RouteFixture) =>
  !ships && (hasPlaces(route) || typeof body === "function");

const isNotAllowed = ({ body }: { body: string }) => body.includes('"code":"not_allowed"');

/** Asks one route, and says what is wrong with its answer. */
async function judge(route: GuardedRoute, caller: Caller, of: typeof OWN | typeof OTHER): Promise<string[]> {
  const fixture = fixtureOf(route);
  if (isMounted(route) && isWriting(route) && caller.permissions.includes(route.access as AccessWord)) return [];
  if (fixture === undefined || (of === OTHER && !concernsClients(route, fixture))) return [];
  const answer = await ask(route, fixture, caller, sides[of]);
  const wrong = (expected: string) => [`${nameOf(route)}, ${of}'s: ${answer.status}, and should be ${expected}`];
  const { access } = route;
  if (access !== "public" && caller.permissions.length === 0) return answer.status === 401 ? [] : wrong("401");
  if (access !== "public" && !caller.permissions.includes(access)) {
    return answer.status === 403 && (isNotAllowed(answer) || route.method === "HEAD") ? [] : wrong("403");
  }
  if (isMounted(route)) return answer.status === 401 || isNotAllowed(answer) ? wrong("let in") : [];
  if (access !== "public" && caller.isScoped && of === OTHER) {
    const { fresh: _, ...asItIs } = fixture;
    const nowhere = await ask(route, asItIs, caller, NOWHERE);
    const looksSame = shapeOf(answer.body, sides[of]) === shapeOf(nowhere.body, NOWHERE);
    return answer.status === 404 && nowhere.status === 404 && looksSame ? [] : wrong("404, as if it were nowhere");
  }
  const isEverybodys = fixture.ships === true || route.url.startsWith("/docs");
  if (caller.isScoped && of === OWN && !isEverybodys && answer.body.includes(OTHER)) return wrong(`silent on ${OTHER}`);
  const isRight = answer.status < 400 || fixture.also?.includes(answer.status) === true;
  return isRight ? [] : wrong("a success");
}

async function ask(
  route: GuardedRoute,
  { path, body, headers, fresh, streams }: RouteFixture,
  caller: Caller,
  known: Side,
): Promise<{ status: number; body: string }> {
  const side = { ...known, ...(await fresh?.(hub, known)) };
  const payload = typeof body === "function" ? body(side) : body;
  const response = await hub.app.inject({
    method: route.method as "GET",
    url: path?.(side) ?? route.url,
    headers: {
      ...(await caller.headers()),
      ...(Buffer.isBuffer(payload) ? { "content-type": "application/octet-stream" } : {}),
      ...headers,
    },
    ...(payload === undefined ? {} : { payload }),
    ...(streams ? { payloadAsStream: true } : {}),
  });
  if (!streams) return { status: response.statusCode, body: response.body };
  response.stream().destroy();
  return { status: response.statusCode, body: "" };
}

/** An answer without what names the thing itself, and without numbers, which differ each time. */
function shapeOf(body: string, side: Side): string {
  const names = Object.values(side).filter((name) => typeof name === "string");
  const longestFirst = names.toSorted((a, b) => b.length - a.length);
  const withoutId = body.replace(/"requestId":"[^"]+"/, "");
  return longestFirst.reduce((text, name) => text.replaceAll(name, "…"), withoutId).replace(/\d+/g, "…");
}
