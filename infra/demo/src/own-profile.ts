import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import path from "node:path";
import { InvalidInput, MAX_COLUMNS, type Profile, profileSchema, SYSTEM_COLUMNS, tableSchema } from "@inlet/contracts";
import { check, memorySource } from "@inlet/delimited";

/** Enough to hold any header; the rest of the file is the hub's to read. */
const HEAD_BYTES = 1024 * 1024;
/** A row of more text columns may be more than a page of PostgreSQL's holds. The result file has all of them. */
const MOST_COLUMNS = 250;
const MOST_FIELDS = 8;
/** What Inlet adds to the result file. */
const ADDED = new Set(["thumbnail1", "landingpage"]);

/**
 * A campaign profile for the user's own file: every column of its header, as text.
 * @throws InvalidInput when there is no header to be found
 */
export async function profileFor(file: string): Promise<Profile> {
  const name = path.basename(file);
  const labels = await readLabels(file);
  const columns = columnsFor(labels);
  if (columns.length === 0) {
    throw new InvalidInput({
      code: "header_not_found",
      message: `${name} has no line of column names. The demo takes delimited text: csv, tsv, txt or dat.`,
    });
  }
  const project = `own_${createHash("sha256").update(JSON.stringify(columns)).digest("hex").slice(0, 12)}`;
  return profileSchema.parse({
    client: "you",
    project,
    title: "Your own file",
    folders: { uploads: `/${project}/Uploads`, downloads: `/${project}/Downloads` },
    // The same file may be tried again and again.
    duplicates: { name: "accept", content: "accept" },
    links: { page: pageFor(columns) },
    notify: { recipients: ["you@example.com"] },
    tables: [
      {
        name: "rows",
        files: ["*"],
        invalid: { policy: "skip" },
        limits: { columns: MAX_COLUMNS },
        columns: columns.slice(0, MOST_COLUMNS),
      },
    ],
  });
}

async function readLabels(file: string): Promise<string[]> {
  const handle = await open(file);
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await handle.read(head, 0, HEAD_BYTES, 0);
    const source = memorySource(head.subarray(0, bytesRead));
    // Any table will do: what is wanted is how the file's own labels read.
    const table = tableSchema.parse({
      name: "rows",
      limits: { columns: MAX_COLUMNS },
      columns: [{ name: "any", optional: true }],
    });
    const report = await check(source, { table });
    return report.columns.map(({ label }) => label);
  } finally {
    await handle.close();
  }
}

interface OwnColumn {
  name: string;
  header: string;
}

/** Two labels that Inlet cannot tell apart (it looks past case, spaces and accents) are both left to the result file. */
export function columnsFor(labels: readonly string[]): OwnColumn[] {
  const seen = new Map<string, number>();
  for (const label of labels) seen.set(sameness(label), (seen.get(sameness(label)) ?? 0) + 1);
  const names = new Set(SYSTEM_COLUMNS);
  const columns: OwnColumn[] = [];
  for (const label of labels) {
    const key = sameness(label);
    if (key === "" || ADDED.has(key) || (seen.get(key) ?? 0) > 1 || label.length > 200) continue;
    columns.push({ name: uniqueName(label, names), header: label.trim() });
  }
  return columns;
}

function sameness(label: string): string {
  return label
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/ß/g, "ss")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}

/** A label as a column's name in PostgreSQL; `column_2` and so on where its script has no Latin letters. */
function uniqueName(label: string, taken: Set<string>): string {
  const plain = label
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 50);
  const base = plain === "" ? "column" : /^[a-z]/.test(plain) ? plain : `c_${plain}`;
  let name = base;
  for (let count = 2; taken.has(name); count += 1) name = `${base}_${count}`;
  taken.add(name);
  return name;
}

/** The page speaks to a person where a column seems to hold a first name. */
function pageFor(columns: readonly OwnColumn[]) {
  const names = ["firstname", "givenname", "vorname", "prenom", "nombre", "name", "fullname", "customername"];
  const byName = names.flatMap((name) => columns.find((column) => sameness(column.header) === name) ?? [])[0];
  return {
    title: byName ? `{{${byName.name}}}, this page is yours` : "This page is yours",
    text: "Every row of the file has a page like this one, under a link that nobody can guess.",
    fields: columns.slice(0, MOST_FIELDS).map(({ name, header }) => ({ column: name, label: header.slice(0, 100) })),
  };
}
