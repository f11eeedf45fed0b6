#!/usr/bin/env node
// The `inlet` command: plain JavaScript, because the Node at hand may be too old for TypeScript.
import path from "node:path";
import { COMPILE_CACHE } from "../bootstrap/environment.js";
import { launch } from "../bootstrap/launch.js";
import { ROOT } from "../bootstrap/pinned.js";

const main = path.join(ROOT, "packages/cli/src/main.ts");
await launch(({ node }) => [node, main, ...process.argv.slice(2)], { env: COMPILE_CACHE });
