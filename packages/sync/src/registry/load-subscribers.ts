import { readdir } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Misconfigured } from "@inlet/contracts";
import type { Subscriber } from "../subscriber.ts";
import { SHIPPED_SUBSCRIBERS } from "../subscribers/shipped.ts";
import { resolveFrameworkFor } from "./resolve-framework.ts";
import { subscriberProblems } from "./subscriber-problems.ts";

/** One kind of outside system that profiles may name in `use`. */
export interface RegisteredSubscriber {
  name: string;
  /** The file it came from; undefined: it is one of ours. */
  file?: string;
  /** The subscriber for one subscription: the same object for all, or of a class an instance of its own. */
  make(): Subscriber;
}

/** All kinds of outside systems by their names. */
export type SubscriberRegistry = ReadonlyMap<string, RegisteredSubscriber>;

/** A module's default export: an object, or a class without parameters. */
export type Exported = Subscriber | (new () => Subscriber);

/**
 * Our own subscribers and the platform team's: each `.ts`, `.js` or `.mjs` file of the folder, but tests, declarations and names
 * that begin with a dot or underscore, exports one by default. A folder that is not there holds none.
 * @throws Misconfigured `subscribers_invalid`, with every problem of every file
 */
export async function loadSubscribers(folder?: string): Promise<SubscriberRegistry> {
  const registry = new Map<string, RegisteredSubscriber>();
  const problems: string[] = [];
  for (const subscriber of SHIPPED_SUBSCRIBERS) registry.set(subscriber.name, registered(subscriber));
  for (const file of folder === undefined ? [] : await moduleFiles(folder)) {
    const found = await loadModule(file);
    if ("problems" in found) {
      problems.push(...found.problems.map((problem) => `${file}: ${problem}`));
      continue;
    }
    const { subscriber } = found;
    const other = registry.get(subscriber.name);
    if (other === undefined) registry.set(subscriber.name, { ...subscriber, file });
    else problems.push(`${file}: ${other.file ?? "Inlet itself"} has a subscriber ${subscriber.name} already`);
  }
  if (problems.length === 0) return registry;
  throw new Misconfigured({
    code: "subscribers_invalid",
    message: `The subscribers in ${folder} cannot be used: ${problems.join("; ")}.`,
    context: { folder, problems },
  });
}

async function moduleFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new Misconfigured({
      code: "subscribers_invalid",
      message: `The folder of subscribers ${folder} cannot be read: ${error.message}`,
      cause: error,
    });
  });
  return entries
    .filter((entry) => !entry.isDirectory() && /^[^._].*\.(ts|js|mjs|mts)$/.test(entry.name))
    .filter(({ name }) => !/\.(test|spec|d)\.\w+$/.test(name))
    .map(({ name }) => path.resolve(folder, name))
    .sort();
}

async function loadModule(file: string): Promise<{ subscriber: RegisteredSubscriber } | { problems: string[] }> {
  resolveFrameworkFor(path.dirname(file));
  try {
    const { default: exported } = (await import(pathToFileURL(file).href)) as { default?: Exported };
    const subscriber = typeof exported === "function" ? new exported() : exported;
    const problems = subscriberProblems(subscriber);
    return problems.length > 0 ? { problems } : { subscriber: registered(exported!) };
  } catch (cause) {
    return { problems: [`cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`] };
  }
}

/** @internal For subscribers that come from no folder: ours, and those of tests. Nothing of it is checked. */
export function registered(exported: Exported): RegisteredSubscriber {
  if (typeof exported === "function") return { name: new exported().name, make: () => new exported() };
  return { name: exported.name, make: () => exported };
}
