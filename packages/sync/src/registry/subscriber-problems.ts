import { slugSchema } from "@inlet/contracts";
import type { Subscriber } from "../subscriber.ts";

const FUNCTIONS = ["open", "push", "remove", "pushMany", "pull", "list", "webhook"] as const;

/** What keeps a module's default export, or an instance of it, from being a subscriber. */
export function subscriberProblems(found: unknown): string[] {
  if (typeof found !== "object" || found === null)
    return ["exports nothing by default: `export default defineSubscriber({ … })`"];
  const subscriber = found as Partial<Record<keyof Subscriber, unknown>>;
  return [
    ...nameProblems(subscriber.name),
    ...settingsProblems(subscriber.settings),
    ...secretsProblems(subscriber.secrets),
    ...FUNCTIONS.flatMap((name) =>
      subscriber[name] === undefined || typeof subscriber[name] === "function" ? [] : [`${name} is no function`],
    ),
    ...directionProblems(subscriber),
  ];
}

function nameProblems(name: unknown): string[] {
  const problem = slugSchema.safeParse(name).error?.issues[0]?.message;
  if (name === undefined) return ["has no name"];
  return problem === undefined ? [] : [`its name ${JSON.stringify(name)} is none that a profile can use: ${problem}`];
}

function settingsProblems(settings: unknown): string[] {
  const isSchema = typeof (settings as { safeParseAsync?: unknown } | undefined)?.safeParseAsync === "function";
  return isSchema ? [] : ["has no settings: a zod schema, z.strictObject({}) where it asks for nothing"];
}

function secretsProblems(secrets: unknown): string[] {
  if (secrets === undefined) return [];
  if (!Array.isArray(secrets) || secrets.some((name) => typeof name !== "string" || !/^[a-zA-Z]\w*\??$/.test(name)))
    return ["its secrets are no list of words such as apiKey, with ? at the end where one may be absent"];
  const names = secrets.map((name: string) => name.replace("?", ""));
  return new Set(names).size === names.length ? [] : ["it asks for a secret twice"];
}

function directionProblems(subscriber: Partial<Record<keyof Subscriber, unknown>>): string[] {
  const { push, remove, pushMany, pull, list, webhook, batchSize } = subscriber;
  const problems: string[] = [];
  if (!push && !pushMany && !pull && !webhook)
    problems.push("goes neither way: it has no push or pushMany, and no pull or webhook");
  if (pushMany && (push || remove)) problems.push("has pushMany, which stands instead of push and remove, beside them");
  if (push && !remove) problems.push("has push, but no remove: say what becomes of an item that is gone");
  if (remove && !push) problems.push("has remove, but no push");
  if (batchSize !== undefined && !pushMany) problems.push("has a batchSize, but no pushMany");
  if (
    batchSize !== undefined &&
    !(Number.isInteger(batchSize) && Number(batchSize) >= 1 && Number(batchSize) <= 10_000)
  )
    problems.push("its batchSize is no whole number from 1 to 10000");
  if (list && !pull && !push && !pushMany && !webhook) problems.push("has list alone");
  return problems;
}
