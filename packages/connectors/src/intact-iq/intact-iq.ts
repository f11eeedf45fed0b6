import { AppError, Misconfigured, type Pull, type RestReading, type System } from "@inlet/contracts";
import { answerJson } from "../answer-json.ts";
import { BrokenAnswer } from "../broken-answer.ts";
import type { ConnectedSystem, Connector, ConnectorParts, PageContent, PagePlaces, PullRequest } from "../connector.ts";
import { rest } from "../rest/rest.ts";

type IntactSystem = Extract<System, { connector: "intact_iq" }>;

/**
 * How lists are read unless the pull's `rest` says otherwise.
 *
 * Intact iQ's public pages (`…api.iq.intact.cloud/docs`) say: services lie at `/(Service)` and `/(Service)/(ID)`, are asked with
 * `Authorization: bearer KEY`, and answer GET with one object or more, after filters in the query; each object has a 64-bit `ID`,
 * `UpdatedOn` and `CreatedOn`. They leave open how a list is paged, how many objects it has in all, and how what has changed is
 * asked for: each installation publishes its own services at `url/docs`. So these words are a first try, and {@link checkAccess}
 * sees whether the installation understands them; a word that it does not know it passes over in silence, and a pull would get
 * the same objects again and again, or a part of them.
 */
const READING: RestReading = {
  method: "GET",
  query: {},
  paging: { by: "offset", offset: "skip", limit: "take" },
  count: { in: "header", name: "x-total-count" },
  since: { parameter: "updatedSince", template: "{since}" },
};

/** Objects on the pages that the words are tried with. */
const TRIAL = 2;
/** Nothing has changed since then. */
const NEVER = "9999-12-31T00:00:00Z";

/**
 * Intact iQ by its REST API. Reading goes by GET alone: a search is a POST in Intact iQ, and so is making an object, so that one
 * that goes wrong would write into the ERP. Who needs a search says so, with its address and body, in the pull's `rest`.
 */
export const intactIq: Connector<"intact_iq"> = {
  name: "intact_iq",
  open: openIntactIq,
  resumes: (pull) => rest.resumes(asRest(pull)),
};

function openIntactIq(system: IntactSystem, parts: ConnectorParts): ConnectedSystem {
  const { url, tls, concurrency, timeoutSeconds, secret } = system;
  const auth = { by: "bearer" as const, secret };
  const inner = rest.open({ connector: "rest", url, tls, concurrency, timeoutSeconds, auth, headers: {} }, parts);
  const restOf = <Request extends { pull: Pull }>(request: Request): Request => ({
    ...request,
    pull: asRest(request.pull),
  });

  return {
    async checkAccess(pulls, signal) {
      for (const pull of pulls) {
        await inner.checkAccess([asRest(pull)], signal).catch(explain(pull, url));
        await tryPaging(inner, pull, signal);
        if (pull.incremental) await trySince(inner, pull, signal);
      }
    },
    async count(request) {
      try {
        return await inner.count(restOf(request));
      } catch (error) {
        // Without the header it does not say how many there are.
        if (error instanceof BrokenAnswer && request.pull.rest === undefined) return null;
        throw error;
      }
    },
    pages: (request, read) => inner.pages(restOf(request), read),
    shape: (pull, signal) => inner.shape(asRest(pull), signal),
    close: () => inner.close(),
  };
}

/** The same pull in the words of the connector `rest`. */
const asRest = (pull: Pull): Pull => ({ ...pull, rest: pull.rest ?? READING });

interface Objects extends PageContent {
  /** Each object as text. */
  objects: readonly string[];
}

/** Whether two small pages are as small as asked for, and differ. */
async function tryPaging(inner: ConnectedSystem, pull: Pull, signal: AbortSignal): Promise<void> {
  const reading = pull.rest ?? READING;
  if (reading.paging.by === "none") return;
  const isSized = "size" in reading.paging || ("limit" in reading.paging && reading.paging.limit !== undefined);
  const [first = [], second = []] = await smallPages(inner, pull, null, 2, signal).catch((error: unknown) => {
    if (error instanceof AppError && error.code === "system_pages_repeat")
      throw unknownWords(pull, "the same objects again for the second page");
    throw error;
  });
  if (isSized && first.length > TRIAL) throw unknownWords(pull, `${first.length} objects for a page of ${TRIAL}`);
  if (second.some((object) => first.includes(object)))
    throw unknownWords(pull, "the same objects again for the second page");
}

/** Whether nothing is said to have changed since a time to come. */
async function trySince(inner: ConnectedSystem, pull: Pull, signal: AbortSignal): Promise<void> {
  if (pull.incremental?.kind !== "time") return;
  const [changed = []] = await smallPages(inner, pull, NEVER, 1, signal);
  if (changed.length > 0) throw unknownWords(pull, "objects that changed after the year 9999, when asked for those");
}

async function smallPages(inner: ConnectedSystem, pull: Pull, since: string | null, most: number, signal: AbortSignal) {
  const request: PullRequest = { pull: { ...asRest(pull), pageSize: TRIAL }, since, from: null, signal };
  const pages: (readonly string[])[] = [];
  for await (const { content } of inner.pages<Objects>(request, readObjects)) {
    pages.push(content.objects);
    if (pages.length === most || content.itemCount > TRIAL) break;
  }
  return pages;
}

/** Objects as text, with their numbers as they are written: `ID`s have 64 bits. */
function readObjects(body: Buffer, { items, beside = {}, ofLast = {} }: PagePlaces): Objects {
  const answer = answerJson(body, (written) => written);
  const list = at(answer, items);
  if (!Array.isArray(list)) throw new BrokenAnswer("the answer has no list of objects", 0);
  const texts = (from: unknown, places: Readonly<Record<string, readonly string[]>>) =>
    Object.fromEntries(Object.entries(places).map(([name, names]) => [name, textOf(at(from, names))]));
  return {
    objects: list.map((object) => JSON.stringify(object)),
    itemCount: list.length,
    beside: texts(answer, beside),
    ofLast: texts(list.at(-1), ofLast),
  };
}

const at = (from: unknown, names: readonly string[]): unknown =>
  names.reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], from);

const textOf = (value: unknown): string | null => (value === null || value === undefined ? null : String(value));

function unknownWords({ resource }: Pull, what: string) {
  return new Misconfigured({
    code: "system_words_unknown",
    message: `This installation of Intact iQ does not understand how ${resource} is asked for: it gave ${what}. Look up at its own \`url/docs\` how lists are paged, counted and filtered, and say so in the pull's \`rest\`.`,
    context: { resource },
  });
}

/** What a refusal means here. */
const explain =
  ({ resource }: Pull, url: string) =>
  (error: unknown): never => {
    const status = error instanceof AppError ? error.context.status : undefined;
    const said = error instanceof AppError ? ` ${error.message}` : "";
    const context = { resource, status };
    if (status === 401)
      throw new Misconfigured({
        code: "system_access_denied",
        message: `Intact iQ does not take the API key. Store the right one as the client's secret; it is made in Intact iQ under Company, Setup, API User.${said}`,
        context,
      });
    if (status === 404)
      throw new Misconfigured({
        code: "system_resource_unknown",
        message: `This installation of Intact iQ has no service ${resource}: its services are listed at ${new URL(url).origin}/docs. Correct the pull's \`resource\`, or have the service added to the API definition.${said}`,
        context,
      });
    if (status === 403 || status === 405)
      throw new Misconfigured({
        code: "system_not_permitted",
        message: `The service ${resource} may not be read with GET. Have GET switched on for it in Intact iQ's API definition.${said}`,
        context,
      });
    throw error;
  };
