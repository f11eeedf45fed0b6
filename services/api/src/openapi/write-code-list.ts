import { readFile, writeFile } from "node:fs/promises";
import { withCodeTable } from "./code-list.ts";

// Writes the catalogue of problems' codes into docs/api.md: node services/api/src/openapi/write-code-list.ts
const guide = new URL("../../../../docs/api.md", import.meta.url);
await writeFile(guide, withCodeTable(await readFile(guide, "utf8")));
