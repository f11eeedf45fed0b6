import type { Fault, Faults } from "./faults.ts";
import { type Answer, listen, type RecordedRequest } from "./listening.ts";

/** An object of a service: its `ID` is a number of 64 bits. */
export type IntactObject = Readonly<Record<string, unknown>> & { ID: bigint };

export interface IntactIqOptions {
  /** Objects by service, such as `Products`. */
  services?: Readonly<Record<string, readonly IntactObject[]>>;
  apiKey?: string;
  /** Services that may be written and searched, but not read with GET. */
  writeOnly?: readonly string[];
  /** What this installation calls its parameters; those of another name are ignored. */
  words?: { skip?: string; take?: string; since?: string; countHeader?: string };
  /** Objects in an answer, for those who do not say. Default 100. */
  pageSize?: number;
  gzip?: boolean;
}

/** An installation of Intact iQ, as far as reading goes. */
export interface IntactIq {
  url: string;
  apiKey: string;
  faults: Faults;
  requests: readonly RecordedRequest[];
  /** The objects of a service, to be changed in a test. */
  objects(service?: string): IntactObject[];
  close(): Promise<void>;
}

/**
 * Starts a server on loopback that answers as Intact iQ does by its public pages: services at `/(Service)` and `/(Service)/(ID)`,
 * `Authorization: bearer KEY`, objects with `ID`, `UpdatedOn` and `CreatedOn`, references as objects with `ID`, `Code` and `Name`.
 * How lists are paged the public pages leave to each installation's own: here with the words that it was started with.
 */
export async function startIntactIq(options: IntactIqOptions = {}): Promise<IntactIq> {
  const { apiKey = "intact-key", pageSize = 100, words = {} } = options;
  const { skip = "skip", take = "take", since = "updatedSince", countHeader = "x-total-count" } = words;
  const services = new Map<string, IntactObject[]>(
    Object.entries(options.services ?? {}).map(([name, objects]) => [name, [...objects]]),
  );
  let lastBody: string | null = null;

  function answer(request: RecordedRequest, faults: readonly Fault[]): Answer {
    if (!new RegExp(`^bearer ${apiKey}$`, "i").test(String(request.headers.authorization ?? "")))
      return said(401, "The API key is missing or is not valid");
    const [, service = "", id] = /^\/(\w+)(?:\/(\d+))?$/.exec(request.path.split("?")[0] ?? "") ?? [];
    const objects = services.get(service);
    if (objects === undefined) return said(404, "Service not found");
    // A POST to a service makes an object: nobody who only reads may send one.
    if (request.method !== "GET" || options.writeOnly?.includes(service)) return said(405, "Command is not available");
    if (id !== undefined) {
      const found = objects.find(({ ID }) => ID === BigInt(id));
      return found ? { status: 200, headers: JSON_TYPE, body: written(found) } : said(404, "Object not found");
    }
    if (lastBody !== null && faults.some(({ kind }) => kind === "repeat"))
      return { status: 200, headers: JSON_TYPE, body: lastBody };
    const { query } = request;
    const changed =
      query[since] === undefined ? objects : objects.filter(({ UpdatedOn }) => String(UpdatedOn) >= query[since]!);
    const size = Number(query[take] ?? pageSize);
    const from = Number(query[skip] ?? 0) + (faults.some(({ kind }) => kind === "skip") ? size : 0);
    lastBody = written(changed.slice(from, from + size));
    return { status: 200, headers: { ...JSON_TYPE, [countHeader]: String(changed.length) }, body: lastBody };
  }

  const server = await listen({
    gzip: options.gzip ?? false,
    askedBy: (method, path) => (method === "GET" && !/\/\d+$/.test(path) ? "page" : "item"),
    answer,
  });
  return {
    url: server.origin,
    apiKey,
    faults: server.faults,
    requests: server.requests,
    objects(service = "Products") {
      const objects = services.get(service);
      if (objects === undefined) throw new Error(`there is no service ${service}`);
      return objects;
    },
    close: server.close,
  };
}

const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };

const said = (status: number, Message: string): Answer => ({
  status,
  headers: JSON_TYPE,
  body: JSON.stringify({ Message }),
});

/** Part of ECMAScript since 2025, which TypeScript's own declarations do not have yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** JSON with 64-bit numbers as they are. */
function written(value: unknown): string {
  return JSON.stringify(value, (_name, inner) => (typeof inner === "bigint" ? rawJSON(String(inner)) : inner));
}
