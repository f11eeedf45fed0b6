import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Misconfigured } from "@inlet/contracts";
import type { ConflictFunction, ConflictFunctions } from "../merge/rules.ts";

/**
 * Loads the platform team's conflict functions: the export `conflicts` of a module, or its default export, maps names to functions.
 * Without a path there are none. Every service that writes to catalogs needs the same module.
 * @throws Misconfigured `conflicts_module_invalid` when it cannot be loaded, or is no such module: the service does not start
 */
export async function loadConflicts(path: string | undefined): Promise<ConflictFunctions> {
  if (path === undefined) return {};
  let loaded: Record<string, unknown>;
  try {
    loaded = await import(pathToFileURL(resolve(path)).href);
  } catch (cause) {
    throw invalid(path, `cannot be loaded: ${(cause as Error).message}`, cause);
  }
  const found = loaded.conflicts ?? loaded.default;
  if (typeof found !== "object" || found === null)
    throw invalid(path, "must export `conflicts`, an object of functions by their names");
  for (const [name, decide] of Object.entries(found))
    if (typeof decide !== "function") throw invalid(path, `has ${name}, which is no function`);
  return { ...(found as Record<string, ConflictFunction>) };
}

const invalid = (path: string, why: string, cause?: unknown) =>
  new Misconfigured({
    code: "conflicts_module_invalid",
    message: `INLET_CONFLICTS_MODULE: the module ${path} ${why}.`,
    context: { path },
    cause,
  });
