import { Misconfigured } from "@inlet/contracts";
import type { Hook, Hooks } from "./hook.ts";

/**
 * The hooks of a module of rules: its export `rules`, or its default export, maps names to functions.
 * @param loaded what `import()` of the module gave.
 * @param path is named when it is no such module.
 * @throws Misconfigured `rules_module_invalid`
 */
export function readHooks(loaded: object, path: string): Hooks {
  const { rules = undefined, default: byDefault = undefined } = loaded as Record<string, unknown>;
  const found = rules ?? byDefault;
  if (typeof found !== "object" || found === null) {
    throw invalid(path, "it must export `rules`, an object of functions by their names");
  }
  const hooks: Record<string, Hook> = {};
  for (const [name, hook] of Object.entries(found)) {
    if (typeof hook !== "function") throw invalid(path, `${name} is no function`);
    hooks[name] = hook as Hook;
  }
  return hooks;
}

function invalid(path: string, why: string): Misconfigured {
  return new Misconfigured({
    code: "rules_module_invalid",
    message: `The module of rules ${path} cannot be used: ${why}.`,
    context: { path },
  });
}
