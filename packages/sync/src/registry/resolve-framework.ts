import { registerHooks } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

/** What a platform team's module may import by name wherever it lies. */
const PROVIDED: ReadonlySet<string> = new Set(["@inlet/sync", "@inlet/sync/testing", "zod"]);

const folders = new Set<string>();

/**
 * Lets the modules of a folder import the framework although no `node_modules` is above it, as in a folder that is mounted into a
 * container. A `node_modules` that is there comes first.
 */
export function resolveFrameworkFor(folder: string): void {
  const prefix = pathToFileURL(folder + path.sep).href;
  if (folders.has(prefix)) return;
  folders.add(prefix);
  registerHooks({
    resolve(specifier, context, next) {
      if (!PROVIDED.has(specifier) || !context.parentURL?.startsWith(prefix)) return next(specifier, context);
      try {
        return next(specifier, context);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
        return next(specifier, { ...context, parentURL: import.meta.url });
      }
    },
  });
}
