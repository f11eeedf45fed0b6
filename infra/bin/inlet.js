#!/usr/bin/env node
// The `inlet` command: plain JavaScript, because the Node at hand may be too old for TypeScript.
import path from "node:path";
import { launch } from "../bootstrap/launch.js";
import { ROOT } from "../bootstrap/pinned.js";

await launch(({ node }) => [node, path.join(ROOT, "packages/cli/src/main.ts"), ...process.argv.slice(2)]);
