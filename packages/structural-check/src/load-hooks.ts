import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Misconfigured } from "@inlet/contracts";
import { type Hooks, readHooks } from "@inlet/delimited";

/**
 * Loads the platform team's module of rules; without a path there are none.
 * @throws Misconfigured when it cannot be loaded, or is no such module: the service does not start.
 */
export async function loadHooks(path: string | undefined): Promise<Hooks> {
  if (path === undefined) return {};
  let loaded: object;
  try {
    loaded = await import(pathToFileURL(resolve(path)).href);
  } catch (cause) {
    throw new Misconfigured({
      code: "rules_module_invalid",
      message: `INLET_RULES_MODULE: the module of rules ${path} cannot be loaded: ${(cause as Error).message}`,
      cause,
    });
  }
  return readHooks(loaded, path);
}
