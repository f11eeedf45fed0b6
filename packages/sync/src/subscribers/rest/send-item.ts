import { jsonPathNames } from "@inlet/contracts";
import { needsPerson } from "../../failure.ts";
import { putAt, valueAt } from "../../fields/outside-path.ts";
import type { OutgoingItem, OutsideFields, OutsideValue, PushAnswer, SubscriberContext } from "../../subscriber.ts";
import { judgeAnswer, requestName } from "../../subscriber-http/judge-answer.ts";
import { readJson } from "../../subscriber-http/subscriber-http.ts";
import { textAt, textAtNames } from "../incoming-item.ts";
import type { OpenRest } from "./open-rest.ts";
import { type Ask, filledPath, type RestSettings } from "./settings.ts";

type Context = SubscriberContext<RestSettings, OpenRest>;

/** There is no such item, or none any more. */
const MISSING: ReadonlySet<number> = new Set([404, 410]);

/** Makes or changes an item: one that was deleted there is made anew. */
export async function putItem(item: OutgoingItem, context: Context): Promise<PushAnswer> {
  const { create, update } = context.settings;
  const id = item.id ?? (await foundId(item, context));
  const known = update ?? create;
  if (known === undefined) throw goesNotOut(context.settings);
  if (id !== null || create === undefined) {
    const answer = await ask(known, item, id, context);
    if (answer !== MISSING_ITEM) return answerOf(answer, { ...item, id }, context);
    if (create === undefined) throw missing(context.settings, known);
  }
  const answer = await ask(create, item, null, context);
  if (answer === MISSING_ITEM) throw missing(context.settings, create);
  return answerOf(answer, { ...item, id: null }, context);
}

/** Removes an item; one that is not there is as it should be. */
export async function removeItem(item: OutgoingItem, context: Context): Promise<void> {
  const { remove } = context.settings;
  if (remove === undefined) throw goesNotOut(context.settings);
  if (remove === "keep") return;
  const id = item.id ?? (await foundId(item, context));
  // Nobody has heard of it there.
  if (id === null && remove.path.includes("{id}")) return;
  await ask(remove, item, id, context);
}

/** What the system calls the item, where it has it though we do not know. */
async function foundId(item: OutgoingItem, context: Context): Promise<string | null> {
  const { find, url } = context.settings;
  const path = find && filledPath(find.path, valuesOf(item, null));
  if (find === undefined || path === undefined) return null;
  const answer = await send(context, { method: "GET", url: below(url, path) });
  if (answer === MISSING_ITEM) return null;
  const found = find.items === undefined ? answer : valueAt(answer, jsonPathNames(find.items));
  const items = [found ?? []].flat();
  if (items.length > 1)
    throw needsPerson({
      message: `${requestName("GET", below(url, path))} found ${items.length} items for one of ours. Have \`find\` name one alone.`,
    });
  return textAt(items[0] ?? null, find.id) ?? null;
}

const MISSING_ITEM = Symbol("missing");

async function ask(what: Ask, item: OutgoingItem, id: string | null, context: Context) {
  const { settings } = context;
  const path = filledPath(what.path, valuesOf(item, id));
  if (path === undefined)
    throw needsPerson({
      message: `${what.method} ${what.path} cannot be asked: an item has no value for what stands in its path.`,
    });
  const body: OutsideValue | undefined =
    what.body ??
    (what.method === "DELETE"
      ? undefined
      : wrapped(settings, settings.nulls === "omit" ? full(item.fields) : item.fields));
  return await send(context, {
    method: what.method,
    url: below(settings.url, path),
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      [settings.idempotencyHeader]: `${item.idempotencyKey}.${purposeOf(what, settings)}`,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function send(
  { settings, opened, http }: Context,
  request: { method: "GET" | Ask["method"]; url: string; headers?: Record<string, string>; body?: string },
): Promise<OutsideValue | typeof MISSING_ITEM> {
  const answer = await opened.ask(
    { ...request, headers: { accept: "application/json", ...settings.headers, ...request.headers } },
    http,
  );
  if (MISSING.has(answer.status)) return MISSING_ITEM;
  const name = requestName(request.method, request.url);
  const refusal = judgeAnswer(name, { ...answer, body: Buffer.from(opened.conceal(answer.body.toString("utf8"))) });
  if (refusal !== undefined) throw refusal;
  return readJson(name, answer);
}

function answerOf(answer: OutsideValue, item: OutgoingItem, { settings }: Context): PushAnswer {
  const id = textAt(answer, settings.answer.id) ?? item.id;
  const version = textAt(answer, settings.answer.version);
  const needed = [settings.update, settings.remove].some(
    (each) => typeof each === "object" && each.path.includes("{id}"),
  );
  if (id === null && needed)
    throw needsPerson({
      message: `${settings.url}: an item was made, but the answer does not say at ${settings.answer.id} what it is called. Correct \`answer.id\`.`,
    });
  return { ...(id === null ? {} : { id }), ...(version === undefined ? {} : { version }) };
}

/** A change may take two requests, and systems take one idempotency key for one of them. */
const purposeOf = (what: Ask, { create, update }: RestSettings) =>
  what === create ? "create" : what === update ? "update" : "remove";

/** What may stand in a path. */
const valuesOf = (item: OutgoingItem, id: string | null) => (name: string) => {
  if (name === "id") return id ?? undefined;
  if (name === "key") return item.key;
  return textAtNames(item.fields, jsonPathNames(name).slice(1));
};

function wrapped({ wrap }: RestSettings, fields: OutsideFields): OutsideFields {
  if (wrap === undefined) return fields;
  const body: OutsideFields = {};
  putAt(body, jsonPathNames(wrap), fields);
  return body;
}

/** Without what has no value. */
function full(fields: OutsideFields): OutsideFields {
  const kept = Object.entries(fields).filter(([, value]) => value !== null);
  return Object.fromEntries(
    kept.map(([name, value]) => [name, typeof value === "object" && !Array.isArray(value) ? full(value!) : value]),
  );
}

const below = (url: string, path: string) => `${url.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`;

const goesNotOut = ({ url }: RestSettings) =>
  needsPerson({
    message: `${url}: the profile does not say how items are made, changed and removed there: see \`settings.create\`.`,
  });

const missing = ({ url }: RestSettings, { method, path }: Ask) =>
  needsPerson({
    message: `${method} ${requestName("", below(url, "")).trim()}${path.replace(/^\/?/, "")} answered that there is no such address. Correct the path.`,
  });
