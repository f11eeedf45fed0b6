import { jsonPathNames, type Pull, type RestReading, restReadingSchema, type System } from "@inlet/contracts";
import type { HttpAnswer } from "@inlet/remote-http";
import { utf8Body } from "../answer-text.ts";
import { BrokenAnswer } from "../broken-answer.ts";
import type {
  ConnectedSystem,
  Connector,
  ConnectorParts,
  PageContent,
  Position,
  PullRequest,
  ReadPage,
} from "../connector.ts";
import { openItemReader } from "../json/item-reader.ts";
import { readValues } from "../json/read-values.ts";
import { pageLoop } from "../page-loop.ts";
import { openSecrets } from "../secrets.ts";
import { shapeOf } from "../shape.ts";
import { brokenAnswerTo } from "../system-faults.ts";
import { openSystemRequests } from "../system-requests.ts";
import { addParameter, addressBelow, addressOfLink, linkWithin, setParameter } from "./address.ts";
import { restCredentials } from "./credentials.ts";
import { nextPage, pageAsked, pagePlaces, receivedBefore } from "./paging.ts";

type RestSystem = Extract<System, { connector: "rest" }>;
type Question = Pick<PullRequest, "pull" | "since">;

/** Items that a shape is drawn from. */
const SHAPE_ITEMS = 20;

/**
 * Any system that answers with JSON, as the profile describes it. `filter` of a pull is further parameters, as in an address:
 * `status=active&site=3`.
 */
export const rest: Connector<"rest"> = {
  name: "rest",
  open: openRest,
  // Where all comes in one answer there is no middle.
  resumes: (pull) => readingOf(pull).paging.by !== "none",
};

function openRest(system: RestSystem, parts: ConnectorParts): ConnectedSystem {
  const { auth } = system;
  const base = new URL(system.url);
  const secrets = openSecrets((name) => parts.secret(name));
  const timeoutMs = system.timeoutSeconds * 1000;
  const requests = openSystemRequests({
    parts,
    timeoutSeconds: system.timeoutSeconds,
    secrets,
    credentials: restCredentials(auth, { http: parts.http, secrets, retries: parts.retries, timeoutMs }),
  });
  const headers = { accept: "application/json", ...lowerCased(system.headers) };
  const secretParameter = auth.by === "api_key" && auth.in === "query" ? auth.name : undefined;

  /** A page's address and body. */
  function page({ pull, since }: Question, position: Position | null) {
    const reading = readingOf(pull);
    const { parameters, link } = pageAsked(reading.paging, pull.pageSize, position);
    const isPost = reading.method === "POST";
    const all = { ...parameters, ...sinceOf(reading, since) };
    const url =
      link === undefined ? questionAddress(system.url, pull, reading.query) : addressOfLink(base.origin, link);
    // A link has in itself what was asked first; a body has not.
    if (!isPost && link === undefined)
      for (const [name, value] of Object.entries(all)) setParameter(url, name, String(value));
    const body = isPost ? { body: JSON.stringify({ ...reading.body, ...all }) } : {};
    return { url, method: reading.method, ...body };
  }

  function ask(question: Question, position: Position | null, what: string, signal: AbortSignal): Promise<HttpAnswer> {
    const { url, method, ...body } = page(question, position);
    return requests.ask({
      ...body,
      method,
      url: url.href,
      headers: { ...headers, ...(method === "POST" && { "content-type": "application/json" }) },
      what,
      signal,
    });
  }

  async function count({ pull, since, signal }: Omit<PullRequest, "from">): Promise<number | null> {
    const reading = readingOf(pull);
    const asked = reading.count;
    if (asked === undefined) return null;
    const what = `the number of ${pull.resource}`;
    // The number is where a page's is, so that the same question is asked.
    if (asked.in !== "request") {
      const answer = await ask({ pull, since }, null, what, signal);
      return numberIn(
        what,
        asked.in === "header" ? answer.headers[asked.name.toLowerCase()] : textAt(what, answer, asked.path),
      );
    }
    const url = questionAddress(system.url, { ...pull, resource: asked.path }, asked.query);
    for (const [name, value] of Object.entries(sinceOf(reading, since))) setParameter(url, name, value);
    const answer = await requests.ask({
      url: url.href,
      headers: { ...headers, accept: "application/json, text/plain" },
      what,
      signal,
    });
    return numberIn(what, textAt(what, answer, asked.at));
  }

  async function* pages<Content extends PageContent>(request: PullRequest, read: ReadPage<Content>) {
    const { pull, since } = request;
    const reading = readingOf(pull);
    let isShort = false;
    let hasAll = false;
    yield* pageLoop<Content>({
      request,
      read,
      places: pagePlaces(reading),
      ask: (position, { what, signal }) => ask({ pull, since }, position, what, signal),
      next: ({ content, answer, position }) => {
        const said =
          reading.count?.in === "header" ? answer.headers[reading.count.name.toLowerCase()] : content.beside.count;
        const before = receivedBefore(reading.paging, position);
        isShort = content.itemCount < pull.pageSize;
        hasAll = before !== undefined && Number(said ?? "none") === before + content.itemCount;
        // On the first page it may be the page's own number, where the profile is wrong: the next one shows it.
        if (hasAll && before !== 0) return null;
        return nextPage(reading.paging, { content, headers: answer.headers, position }, (link) =>
          linkWithin(page({ pull, since }, position).url, link, { secretParameter, isSecret: secrets.holds }),
        );
      },
      isEnd: (refusal) => isCounted(reading) && (hasAll || (refusal === "there is none" && isShort)),
    });
  }

  return {
    async checkAccess(pulls, signal) {
      if (system.access !== undefined) {
        const url = addressBelow(system.url, system.access);
        await requests.ask({ url: url.href, headers, what: system.access, signal });
        return;
      }
      for (const pull of pulls) {
        const what = `page 1 of ${pull.resource}`;
        const answer = await ask({ pull, since: null }, null, what, signal);
        try {
          openItemReader({ cells: [] }).read(utf8Body(answer), pagePlaces(readingOf(pull)));
        } catch (error) {
          if (error instanceof BrokenAnswer) throw brokenAnswerTo(what, error);
          throw error;
        }
      }
    },
    count,
    pages,
    async shape(pull, signal) {
      const few = { ...pull, pageSize: Math.min(pull.pageSize, SHAPE_ITEMS) };
      const answer = await ask({ pull: few, since: null }, null, `some items of ${pull.resource}`, signal);
      return shapeOf(utf8Body(answer), pagePlaces(readingOf(pull)).items, SHAPE_ITEMS);
    },
    async close() {},
  };
}

/** How a pull's resource is read; all defaults, where the profile says nothing. */
const readingOf = ({ rest: reading }: Pull): RestReading => reading ?? restReadingSchema.parse({});

const isCounted = ({ paging }: RestReading): boolean => paging.by === "offset" || paging.by === "page";

function questionAddress(base: string, { resource, filter }: Pull, query: Readonly<Record<string, string>>): URL {
  const url = addressBelow(base, resource);
  for (const [name, value] of Object.entries(query)) setParameter(url, name, value);
  const further = new URLSearchParams(filter ?? "");
  for (const name of further.keys()) url.searchParams.delete(name);
  // One name may come several times: `status=open&status=held`.
  for (const [name, value] of further) addParameter(url, name, value);
  return url;
}

function sinceOf({ since: asked }: RestReading, since: string | null): Record<string, string> {
  return asked === undefined || since === null
    ? {}
    : { [asked.parameter]: asked.template.replaceAll("{since}", () => since) };
}

function textAt(what: string, answer: HttpAnswer, path: string | undefined): string | null | undefined {
  try {
    return readValues(utf8Body(answer), [path === undefined ? [] : jsonPathNames(path)])[0];
  } catch (error) {
    if (error instanceof BrokenAnswer) throw brokenAnswerTo(what, error);
    throw error;
  }
}

function numberIn(what: string, text: string | null | undefined): number {
  const number = text?.trim().replace(/\.0*$/, "") ?? "";
  if (/^\d{1,15}$/.test(number)) return Number(number);
  throw new BrokenAnswer(`${what} is not where the profile says it is: see \`rest.count\``, 0);
}

const lowerCased = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
