import { randomBytes } from "node:crypto";
import type { Fault, Faults } from "./faults.ts";
import { type Answer, listen, type RecordedRequest } from "./listening.ts";
import { compared, ODataRefusal, orderOf, parseFilter, type Row } from "./odata.ts";

/** The items of an entity, and which of their fields is the key. */
export interface EntitySet {
  key: string;
  rows: Row[];
}

export interface ServiceLayerOptions {
  /** The entity `Items`, keyed by `ItemCode`; dates as `2026-11-20`, times as `10:20:30`. */
  items?: readonly Row[];
  /** Further entities, by name. */
  sets?: Readonly<Record<string, { key: string; rows: readonly Row[] }>>;
  /** Which version `url` leads to; both are served. Default 2. */
  version?: 1 | 2;
  company?: string;
  username?: string;
  password?: string;
  /** The user is locked. */
  isLocked?: boolean;
  /** Entities that the user may not read. */
  forbidden?: readonly string[];
  /** Default 30, as SAP has it. A part of one will do in tests. */
  sessionMinutes?: number;
  /** Items on a page for those who do not say. Default 20, as SAP has it. */
  pageSize?: number;
  /** Items on a page at most, whatever is preferred: some installations have such a bound. */
  greatestPageSize?: number;
  gzip?: boolean;
}

/** A Service Layer of SAP Business One, as far as reading goes. */
export interface ServiceLayer {
  /** Ends in `/b1s/v1` or `/b1s/v2`. */
  url: string;
  urlOf(version: 1 | 2): string;
  company: string;
  username: string;
  password: string;
  faults: Faults;
  /** All requests since it was started, in their order. */
  requests: readonly RecordedRequest[];
  /** The items of an entity, to be changed in a test: rows may be added, taken out and replaced. */
  rows(entity?: string): Row[];
  /** Sessions that are open. */
  sessionCount(): number;
  /** Ends all sessions, as a restart does. */
  endSessions(): void;
  close(): Promise<void>;
}

/** A list so long is put in order once, and again when its length changes: benchmarks read a million items. */
const LONG_LIST = 20_000;

interface Session {
  node: string;
  usedMs: number;
  isMuddled: boolean;
}

interface Page {
  rows: readonly Row[];
  nextSkip: number | null;
}

class Refusal extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * Starts a server on loopback that speaks the Service Layer's protocol: sessions by cookie, OData 3 below `/b1s/v1` and OData 4
 * below `/b1s/v2`. It refuses what SAP's refuses: requests without a session, `/login` in small letters, fields and entities
 * that there are not, literals of the other version.
 */
export async function startServiceLayer(options: ServiceLayerOptions = {}): Promise<ServiceLayer> {
  const {
    company = "SPRING",
    username = "inlet",
    password = "b1-password",
    sessionMinutes = 30,
    pageSize = 20,
    greatestPageSize = Number.POSITIVE_INFINITY,
  } = options;
  const sets = new Map<string, EntitySet>();
  if (options.items) sets.set("Items", { key: "ItemCode", rows: [...options.items] });
  for (const [name, { key, rows }] of Object.entries(options.sets ?? {})) sets.set(name, { key, rows: [...rows] });
  const sorted = new Map<string, { length: number; rows: Row[] }>();
  const sessions = new Map<string, Session>();
  let lastPage: Page | null = null;
  let logins = 0;

  function logIn(request: RecordedRequest, version: 1 | 2): Answer {
    const said = JSON.parse(request.body || "{}") as Record<string, string>;
    if (said.CompanyDB !== company) throw new Refusal(401, -304, "Fail to get DB Credentials from SLD");
    if (options.isLocked) throw new Refusal(401, 100000055, "This user is locked. Contact your system administrator");
    if (said.UserName !== username || said.Password !== password) throw new Refusal(401, 100000027, "Login failed");
    const id = randomBytes(16).toString("hex");
    const node = `.node${(logins++ % 3) + 1}`;
    sessions.set(id, { node, usedMs: performance.now(), isMuddled: false });
    return {
      status: 200,
      headers: {
        "content-type": "application/json;odata=minimalmetadata;charset=utf-8",
        "set-cookie": [
          `B1SESSION=${id}; path=/b1s/v${version}; HttpOnly; Secure; SameSite=None`,
          `ROUTEID=${node}; path=/; Secure; SameSite=None`,
        ],
      },
      body: JSON.stringify({
        [version === 1 ? "odata.metadata" : "@odata.context"]: `/b1s/v${version}/$metadata#B1Sessions/@Element`,
        SessionId: id,
        Version: "1000230",
        SessionTimeout: sessionMinutes,
      }),
    };
  }

  function needSession(request: RecordedRequest, faults: readonly Fault[]): string {
    const cookies = cookiesOf(request.headers.cookie ?? "");
    const id = cookies.get("B1SESSION") ?? "";
    const session = sessions.get(id);
    const isOver = session !== undefined && performance.now() - session.usedMs > sessionMinutes * 60_000;
    const isElsewhere = session !== undefined && cookies.get("ROUTEID") !== session.node;
    if (isOver || faults.some(({ kind }) => kind === "session_lost")) sessions.delete(id);
    if (session && faults.some(({ kind }) => kind === "node_lost")) session.node = ".node9";
    if (session === undefined || isOver || isElsewhere || !sessions.has(id) || session.node === ".node9")
      throw new Refusal(401, 301, "Invalid session or session already timeout.");
    if (faults.some(({ kind }) => kind === "session_muddled")) session.isMuddled = true;
    if (session.isMuddled) throw new Refusal(500, 305, "Switch company error: -1102");
    session.usedMs = performance.now();
    return id;
  }

  function rowsInKeyOrder(name: string, set: EntitySet): Row[] {
    const known = sorted.get(name);
    if (known && known.length === set.rows.length && known.length >= LONG_LIST) return known.rows;
    const rows = [...set.rows].sort(orderOf(set.key, new Set([set.key])));
    sorted.set(name, { length: rows.length, rows });
    return rows;
  }

  /** The first `most` of what is sought, in its order. */
  function select(name: string, set: EntitySet, query: RecordedRequest["query"], version: 1 | 2, most: number): Row[] {
    const names = namesOf(set);
    const filter = query.$filter === undefined ? undefined : parseFilter(query.$filter, names, version);
    const isKeyOrder = query.$orderby === undefined || /^\s*(\w+)(\s+asc)?\s*$/.exec(query.$orderby)?.[1] === set.key;
    const rows = rowsInKeyOrder(name, set);
    if (!isKeyOrder) {
      const order = orderOf(query.$orderby ?? "", names);
      return (filter ? rows.filter(filter.matches) : [...rows]).sort(order).slice(0, most);
    }
    if (filter === undefined) return rows.slice(0, most);
    const found: Row[] = [];
    const { greaterThan, matches } = filter;
    const from = greaterThan?.name === set.key ? firstAfter(rows, set.key, greaterThan.value) : 0;
    for (let at = from; at < rows.length && found.length < most; at += 1) {
      const row = rows[at] as Row;
      if (matches(row)) found.push(row);
    }
    return found;
  }

  function pageOf(
    request: RecordedRequest,
    name: string,
    set: EntitySet,
    version: 1 | 2,
    faults: readonly Fault[],
  ): Page {
    if (lastPage && faults.some(({ kind }) => kind === "repeat")) return lastPage;
    const size = Math.min(preferredSize(request) ?? pageSize, greatestPageSize) || Number.POSITIVE_INFINITY;
    const top = request.query.$top === undefined ? undefined : Number(request.query.$top);
    const from = Number(request.query.$skip ?? 0) + (faults.some(({ kind }) => kind === "skip") ? size : 0);
    const end = from + Math.min(size, top ?? size);
    const found = select(name, set, request.query, version, end + 1);
    lastPage = { rows: found.slice(from, end), nextSkip: top === undefined && found.length > end ? end : null };
    return lastPage;
  }

  function answerList(request: RecordedRequest, name: string, version: 1 | 2, faults: readonly Fault[]): Answer {
    const set = sets.get(name);
    if (set === undefined) throw new Refusal(400, version === 1 ? 200 : -1002, "Unrecognized resource path.");
    if (options.forbidden?.includes(name))
      throw new Refusal(403, -1, "You are not permitted to perform this action (authorization)");
    const { rows, nextSkip } = pageOf(request, name, set, version, faults);
    const selected = request.query.$select?.split(",");
    const unknown = selected?.find((field) => !namesOf(set).has(field));
    if (unknown !== undefined) throw new Refusal(400, -1000, `Property '${unknown}' of '${name}' is invalid`);
    const prefix = version === 1 ? "odata." : "@odata.";
    return json(200, {
      [version === 1 ? "odata.metadata" : "@odata.context"]: `http://localhost/b1s/v${version}/$metadata#${name}`,
      value: rows.map((row) => rendered(row, selected, version)),
      ...(nextSkip !== null && { [`${prefix}nextLink`]: nextLink(name, request.query, nextSkip) }),
    });
  }

  function answer(request: RecordedRequest, faults: readonly Fault[]): Answer {
    const path = decodeURIComponent(request.path.split("?")[0] ?? "");
    const [, version, resource] = /^\/b1s\/v([12])\/(.*)$/.exec(path) ?? [];
    if (version === undefined || resource === undefined) return { status: 404, body: "Not Found" };
    const spoken = version === "1" ? 1 : 2;
    try {
      if (resource === "Login" && request.method === "POST") return logIn(request, spoken);
      const id = needSession(request, faults);
      if (resource === "Logout" && request.method === "POST") {
        sessions.delete(id);
        return { status: 204 };
      }
      const found = answerReading(request, resource, spoken, faults);
      return faults.some(({ kind }) => kind === "node_changed") ? fromAnotherNode(id, found) : found;
    } catch (error) {
      if (error instanceof Refusal) return refused(error.status, error.code, error.message, spoken);
      if (error instanceof ODataRefusal) return refused(400, -1000, error.message, spoken);
      throw error;
    }
  }

  function answerReading(request: RecordedRequest, resource: string, version: 1 | 2, faults: readonly Fault[]): Answer {
    if (request.method !== "GET") throw new Refusal(405, -1, "Method not allowed");
    const counted = /^([\w./]+)\/\$count$/.exec(resource)?.[1];
    if (counted !== undefined) {
      const set = sets.get(counted);
      if (set === undefined) throw new Refusal(400, version === 1 ? 200 : -1002, "Unrecognized resource path.");
      const found = select(counted, set, request.query, version, Number.POSITIVE_INFINITY).length;
      return { status: 200, headers: { "content-type": "text/plain" }, body: String(found) };
    }
    const [, entity = resource, key] = /^(\w+)\((.+)\)$/.exec(resource) ?? [];
    return key === undefined ? answerList(request, entity, version, faults) : answerItem(entity, key, version);
  }

  /** The session goes on at a node of its own choice, as Apache's balancer has it when one is taken out. */
  function fromAnotherNode(id: string, found: Answer): Answer {
    const session = sessions.get(id) as Session;
    session.node = ".node7";
    return { ...found, headers: { ...found.headers, "set-cookie": [`ROUTEID=${session.node}; path=/; Secure`] } };
  }

  function answerItem(entity: string, key: string, version: 1 | 2): Answer {
    const set = sets.get(entity);
    if (set === undefined) throw new Refusal(400, version === 1 ? 200 : -1002, "Unrecognized resource path.");
    const value = key.startsWith("'") ? key.slice(1, -1).replaceAll("''", "'") : Number(key);
    const row = set.rows.find((candidate) => compared(candidate[set.key], value) === 0);
    if (row === undefined) throw new Refusal(404, -2028, "No matching records found (ODBC -2028)");
    return json(200, rendered(row, undefined, version));
  }

  const server = await listen({
    gzip: options.gzip ?? false,
    askedBy: (method, path) => {
      if (/\/Login$/i.test(path)) return "login";
      if (/\/Logout$/.test(path)) return "logout";
      if (path.endsWith("/$count")) return "count";
      return method === "GET" && !path.endsWith(")") ? "page" : "item";
    },
    answer,
  });
  const urlOf = (version: 1 | 2) => `${server.origin}/b1s/v${version}`;
  return {
    url: urlOf(options.version ?? 2),
    urlOf,
    company,
    username,
    password,
    faults: server.faults,
    requests: server.requests,
    rows(entity = "Items") {
      const set = sets.get(entity);
      if (set === undefined) throw new Error(`there is no entity ${entity}`);
      return set.rows;
    },
    sessionCount: () => sessions.size,
    endSessions: () => sessions.clear(),
    close: server.close,
  };
}

function firstAfter(rows: readonly Row[], key: string, value: string | number | null): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compared(rows[middle]?.[key], value) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What `Prefer: odata.maxpagesize=N` asks for; 0: everything on one page. */
function preferredSize({ headers }: RecordedRequest): number | undefined {
  const prefer = String(headers.prefer ?? "");
  if (!prefer.includes("odata.maxpagesize")) return undefined;
  const size = /odata\.maxpagesize=(\d+)/.exec(prefer)?.[1];
  if (size === undefined) throw new Refusal(400, -1, "Invalid value of odata.maxpagesize");
  return Number(size);
}

/** Below the service's root, as SAP has it, with everything else of the question. */
function nextLink(name: string, query: RecordedRequest["query"], skip: number): string {
  const parts = Object.entries({ ...query, $skip: String(skip) }).map(
    ([option, value]) => `${option}=${encodeURIComponent(value)}`,
  );
  return `${name}?${parts.join("&")}`;
}

/** Version 2 has dates as Edm.DateTimeOffset. */
function rendered(row: Row, selected: readonly string[] | undefined, version: 1 | 2): Row {
  const names = selected ?? Object.keys(row);
  const shown = names.map((name) => {
    const value = row[name] ?? null;
    const isDate = version === 2 && typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value);
    return [name, isDate ? `${value}T00:00:00Z` : value] as const;
  });
  return {
    ...(version === 2 && { "@odata.etag": 'W/"DA4B9237BACCCDF19C0760CAB7AEC4A8359010B0"' }),
    ...Object.fromEntries(shown),
  };
}

/** Fields that an entity has though no row shows them. */
const ITEM_FIELDS = ["ItemCode", "ItemName", "CreateDate", "CreateTime", "UpdateDate", "UpdateTime", "Valid"];

const namesOf = ({ key, rows }: EntitySet): Set<string> =>
  new Set([key, ...(key === "ItemCode" ? ITEM_FIELDS : []), ...Object.keys(rows[0] ?? {})]);

function cookiesOf(header: string): Map<string, string> {
  return new Map(
    header.split(";").map((pair) => [pair.split("=")[0]?.trim() ?? "", pair.slice(pair.indexOf("=") + 1).trim()]),
  );
}

function json(status: number, body: unknown): Answer {
  return {
    status,
    headers: { "content-type": "application/json;odata=minimalmetadata;charset=utf-8" },
    body: JSON.stringify(body),
  };
}

function refused(status: number, code: number, message: string, version: 1 | 2): Answer {
  return json(status, {
    error:
      version === 1
        ? { code, message: { lang: "en-us", value: message } }
        : { code: String(code), details: [{ code: "", message: "" }], message },
  });
}
