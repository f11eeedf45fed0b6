import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Hooks, readHooks } from "@inlet/delimited";
import { usageFailure } from "../failure.ts";

/**
 * Loads the platform's own rules: the functions that rules of kind `hook` name. Without a path there are none at hand, and
 * such rules are reported as not checked.
 */
export async function loadRules(path: string | undefined): Promise<Hooks | undefined> {
  if (path === undefined) return undefined;
  let loaded: object;
  try {
    loaded = await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    throw usageFailure(`The module of rules ${path} cannot be loaded: ${(error as Error).message}`);
  }
  return readHooks(loaded, path);
}
