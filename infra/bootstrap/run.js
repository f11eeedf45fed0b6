#!/usr/bin/env node
// Needs nothing but Node 20 and npm: sets up the pinned Node, pnpm and the workspace, then runs what was asked for.
//
//   node infra/bootstrap/run.js FILE.ts [args]      a program of this repository
//   node infra/bootstrap/run.js vitest|tsc|… [args] a tool from node_modules/.bin
//   node infra/bootstrap/run.js pnpm [args]         the pinned pnpm, in whatever state the workspace is
import { existsSync } from "node:fs";
import path from "node:path";
import { launch } from "./launch.js";
import { ROOT } from "./pinned.js";
import { SetUpError } from "./progress.js";

const [what, ...args] = process.argv.slice(2);

if (what === undefined) {
  process.stderr.write("usage: node infra/bootstrap/run.js FILE.ts|TOOL [arguments]\n");
  process.exit(2);
}

await launch(program, { workspace: what !== "pnpm" });

function program({ node, pnpm }) {
  if (what === "pnpm") return [node, pnpm, ...args];
  if (/\.[cm]?[jt]s$/.test(what)) {
    const file = path.resolve(ROOT, what);
    if (!existsSync(file)) throw new SetUpError(`there is no ${what} in ${ROOT}`);
    return [node, file, ...args];
  }
  const tool = path.join(ROOT, "node_modules/.bin", what);
  if (!existsSync(tool)) throw new SetUpError(`there is no tool named ${what} in node_modules/.bin`);
  return [tool, ...args];
}
