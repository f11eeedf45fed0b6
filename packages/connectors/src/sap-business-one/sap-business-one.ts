import { jsonPathNames, Misconfigured, type Pull, type System } from "@inlet/contracts";
import type { HttpAnswer, HttpRequest } from "@inlet/remote-http";
import { answerJson } from "../answer-json.ts";
import { utf8Body } from "../answer-text.ts";
import { BrokenAnswer } from "../broken-answer.ts";
import type {
  ConnectedSystem,
  Connector,
  ConnectorParts,
  PageContent,
  PagePlaces,
  Position,
  PullRequest,
  ReadPage,
} from "../connector.ts";
import { pageLoop } from "../page-loop.ts";
import { openSecrets } from "../secrets.ts";
import { shapeOf } from "../shape.ts";
import { openSystemRequests, type SystemRequest } from "../system-requests.ts";
import { type EntityKey, keyOf, knownKey, literal } from "./entity-key.ts";
import { logIn } from "./log-in.ts";
import { nextTail } from "./next-link.ts";
import { after, filterOf, incrementalCondition, queryOf, topFields } from "./question.ts";
import { isSessionMuddled, isSessionOver, readingError, refusalOf } from "./refusal.ts";
import { holdSession, type SessionHold } from "./session.ts";

type Item = Readonly<Record<string, unknown>>;
type SapSystem = Extract<System, { connector: "sap_business_one" }>;

const JSON_HEADERS = { accept: "application/json", "content-type": "application/json" };
/** Items that a shape is drawn from. */
const SHAPE_ITEMS = 20;
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * SAP Business One by its Service Layer, OData 3 (`/b1s/v1`) and 4 (`/b1s/v2`).
 *
 * **Pages** follow each other by key wherever the entity's key is known: `$filter=ItemCode gt 'A0020'&$orderby=ItemCode`. SAP's
 * own next links count (`$skip=40`), so that an item which is added or removed meanwhile shifts all pages behind it, and one item
 * comes twice or never; behind a key nothing shifts, and a pull that was broken off goes on exactly where it was. A field that is
 * not unique would lose items that way, so only what is known to be the entity's key is trusted: by the entity's name, by the look
 * of an item, or because the Service Layer finds the item by it. Everything else is read by next links, in the order of the
 * table's key.
 *
 * **One session** serves all pulls of a process: SAP counts them against licences and memory, and locks users who fail too often.
 */
export const sapBusinessOne: Connector<"sap_business_one"> = {
  name: "sap_business_one",
  open: openSapBusinessOne,
  resumes: () => true,
};

function openSapBusinessOne(system: SapSystem, parts: ConnectorParts): ConnectedSystem {
  const root = system.url.replace(/\/+$/, "");
  const version = versionOf(root);
  const where = new URL(root).origin;
  const secrets = openSecrets((name) => parts.secret(name));
  let hold: SessionHold | undefined;
  const described = new Map<string, Item | null>();

  const requests = openSystemRequests({
    parts: { ...parts, http: { ...parts.http, request: askOnce } },
    timeoutSeconds: system.timeoutSeconds,
    secrets,
    credentials: { sign },
  });

  /** What tells that the session is no good is a 401 from here on, whatever its status: another session mends it. */
  async function askOnce(request: HttpRequest): Promise<HttpAnswer> {
    const answer = await parts.http.request(request);
    if (answer.status < 400 || answer.status === 401) return answer;
    const refusal = refusalOf(answer.body, secrets.conceal);
    return isSessionOver(answer.status, refusal) || isSessionMuddled(refusal) ? { ...answer, status: 401 } : answer;
  }

  async function sign(request: HttpRequest) {
    const password = await secrets.get(system.secret);
    hold ??= holdSession([root, system.company, system.username, password]);
    const held = hold;
    const session = await held.take(() => logIn({ system, root, password, conceal: secrets.conceal }, parts));
    secrets.remember(/B1SESSION=([^;]+)/.exec(session.cookie())?.[1] ?? "");
    return {
      request: { ...request, headers: { ...request.headers, cookie: session.cookie() } },
      took: (answer: HttpAnswer) => held.used(session, answer.cookies),
      forget: () => held.lost(session),
    };
  }

  const get = (tail: string, { resource, headers, ...request }: Reading): Promise<HttpAnswer> =>
    requests.ask({
      ...request,
      url: `${root}/${tail}`,
      headers: { accept: "application/json", ...headers },
      fault: (answer, conceal) => {
        const refusal = refusalOf(answer.body, conceal);
        return readingError(answer.status, refusal, { where, resource, username: system.username });
      },
    });

  /** One item as it is; null: there is none. */
  async function describe({ resource }: Pull, signal: AbortSignal): Promise<Item | null> {
    const known = described.get(resource);
    if (known !== undefined) return known;
    const path = isCall(resource) ? resource : `${resource}?$top=1`;
    const what = `an item of ${resource}`;
    const answer = await get(path, { what, resource, signal, headers: { prefer: "odata.maxpagesize=1" } });
    const [item = null] = itemsOf(answer, resource);
    described.set(resource, item);
    return item;
  }

  /** The entity's own key; null: it is not known, or the resource is a call and has none. */
  async function entityKey({ pull, key = [], signal }: PullRequest, item: Item | null): Promise<EntityKey | null> {
    const { resource } = pull;
    if (item === null || isCall(resource)) return null;
    const known = knownKey(resource, item);
    const named = jsonPathNames(key[0] ?? "");
    if (known !== null || key.length !== 1 || named.length !== 1) return known;
    const candidate = keyOf(named[0] ?? "", item);
    return candidate !== null && (await isFoundBy(candidate)) ? candidate : null;

    async function isFoundBy({ name, isNumber }: EntityKey): Promise<boolean> {
      const place = encodeURIComponent(literal(String(item?.[name]), isNumber));
      try {
        const answer = await get(`${resource}(${place})`, { what: `an item of ${resource}`, resource, signal });
        return (answerJson(answer.body) as Item)[name] === item?.[name];
      } catch (error) {
        if (error instanceof Misconfigured) return false;
        throw error;
      }
    }
  }

  async function count(request: Omit<PullRequest, "from">): Promise<number | null> {
    const { pull, since, signal } = request;
    if (isCall(pull.resource)) return null;
    const item = needsItem(request) ? await describe(pull, signal) : null;
    const filter = filterOf([pull.filter, incrementalCondition(pull, since, { item })]);
    const what = `the number of ${pull.resource}`;
    const answer = await get(`${pull.resource}/$count${queryOf({ filter })}`, {
      what,
      resource: pull.resource,
      signal,
      headers: { accept: "text/plain, application/json" },
    });
    const text = answer.body
      .toString("utf8")
      .replace(/^\ufeff/, "")
      .trim();
    if (/^\d{1,15}$/.test(text)) return Number(text);
    throw new BrokenAnswer(`${what} is none: the Service Layer answered something else`, 0);
  }

  async function* pages<Content extends PageContent>(request: PullRequest, read: ReadPage<Content>) {
    const { pull, since, paths, key: tableKey = [], signal } = request;
    const { resource, pageSize } = pull;
    const item = await describe(pull, signal);
    const key = await entityKey(request, item);
    const own = key === null ? topFields(tableKey, resource) : [key.name];
    const by = pull.incremental ? [pull.incremental.by] : [];
    const select = paths && !isCall(resource) ? topFields([...own, ...paths, ...by], resource).join(",") : undefined;
    const orderby = own.length === 0 || isCall(resource) ? undefined : own.join(",");
    const changed = incrementalCondition(pull, since, { item });
    const first = (value?: string) => {
      if (isCall(resource)) return resource;
      const filter = filterOf([pull.filter, changed, key && value !== undefined ? after(key, value) : undefined]);
      return resource + queryOf({ select, filter, orderby });
    };
    const places: PagePlaces = {
      items: ["value"],
      beside: { next: [version === 1 ? "odata.nextLink" : "@odata.nextLink"] },
      ...(key && { ofLast: { key: [key.name] } }),
    };
    const tailAt = (position: Position | null) =>
      typeof position?.link === "string"
        ? position.link
        : first(typeof position?.after === "string" ? position.after : undefined);
    yield* pageLoop<Content>({
      request,
      read,
      places,
      ask: (position, { what, signal }) =>
        get(tailAt(position), { what, resource, signal, headers: { prefer: `odata.maxpagesize=${pageSize}` } }),
      next: ({ content }) => {
        const link = content.beside.next ?? null;
        if (key === null) return link === null ? null : { link: nextTail(link) };
        // A full page without a link to a next one is asked behind, too: versions differ in when they say one.
        const last = content.ofLast.key ?? null;
        const hasMore = link !== null || content.itemCount >= pageSize;
        if (last !== null && last !== "") return hasMore ? { after: last } : null;
        if (content.itemCount === 0) return link === null ? null : { link: nextTail(link) };
        if (!hasMore) return null;
        throw new BrokenAnswer(`its last item has no ${key.name}, which the next page is asked for with`, 0);
      },
    });
  }

  return {
    async checkAccess(pulls, signal) {
      for (const pull of pulls) {
        if (isCall(pull.resource) && (pull.filter !== undefined || pull.incremental !== undefined))
          throw callIsWhole(pull);
        const item = await describe(pull, signal);
        if (item === null) continue;
        const paths = [...Object.values(pull.fields), ...(pull.incremental ? [pull.incremental.by] : [])];
        const missing = topFields(paths, pull.resource).find((name) => !Object.hasOwn(item, name));
        if (missing !== undefined) throw noSuchField(pull.resource, missing, item);
      }
    },
    count,
    pages,
    async shape(pull, signal) {
      const { resource } = pull;
      const what = `some items of ${resource}`;
      const path = isCall(resource) ? resource : resource + queryOf({ filter: pull.filter, top: String(SHAPE_ITEMS) });
      const answer = await get(path, {
        what,
        resource,
        signal,
        headers: { prefer: `odata.maxpagesize=${SHAPE_ITEMS}` },
      });
      // `@odata.etag` is about an item, and none of its fields.
      return shapeOf(utf8Body(answer), ["value"], SHAPE_ITEMS).filter(({ path: field }) => !field.startsWith("@"));
    },
    async close() {
      const session = hold?.release();
      if (!session) return;
      const headers = { ...JSON_HEADERS, cookie: session.cookie() };
      const request = { method: "POST" as const, url: `${root}/Logout`, headers, timeoutMs: CLOSE_TIMEOUT_MS };
      // It ends by itself after a while.
      await parts.http.request(request).catch(() => undefined);
    },
  };
}

interface Reading extends Pick<SystemRequest, "what" | "headers" | "signal"> {
  resource: string;
}

function versionOf(root: string): 1 | 2 {
  const version = /\/b1s\/v([12])$/.exec(root)?.[1];
  if (version !== undefined) return version === "1" ? 1 : 2;
  throw new Misconfigured({
    code: "system_url_unknown",
    message: "The address of a Service Layer ends in /b1s/v1 or /b1s/v2: correct the profile's `system.url`.",
  });
}

/** `SQLQueries('stock')/List` and the like: what it says is said, without `$count`, `$select` and order. */
const isCall = (resource: string): boolean => /[()?]/.test(resource);

/** Whether the question depends on what items look like. */
const needsItem = ({ pull, since }: Omit<PullRequest, "from">): boolean =>
  pull.incremental !== undefined && since !== null;

function itemsOf({ body }: HttpAnswer, resource: string): Item[] {
  const list = (answerJson(body) as { value?: unknown } | null)?.value;
  if (Array.isArray(list)) return list as Item[];
  throw new BrokenAnswer(`an item of ${resource} was asked for, and the answer has no list`, 0);
}

const callIsWhole = ({ resource }: Pull) =>
  new Misconfigured({
    code: "system_question_refused",
    message: `${resource} is a query of SAP's own, which answers all that it finds: say what is sought in the query itself, without \`filter\` and \`incremental\`.`,
    context: { resource },
  });

function noSuchField(resource: string, missing: string, item: Item) {
  const names = Object.keys(item).filter((name) => !name.startsWith("@") && !name.startsWith("odata."));
  const near = names.find((name) => name.toLowerCase() === missing.toLowerCase());
  const hint = near ? `Did you mean ${near}? Capital and small letters count.` : "See its fields with a probe.";
  return new Misconfigured({
    code: "system_field_unknown",
    message: `${resource} has no field ${missing}. ${hint}`,
    context: { resource, field: missing },
  });
}
