// Part of `npm run check`: prints each breach of the import rule.
import { ROOT } from "../../bootstrap/pinned.js";
import { breaches, escapes, readManifests } from "./import-rule.ts";

const found = [...breaches(await readManifests(ROOT)), ...(await escapes(ROOT))];
for (const breach of found) process.stdout.write(`${breach}\n`);
process.exit(found.length === 0 ? 0 : 1);
