import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { batchesOf, type Hub, openClient, openHub, upload, waitFor } from "../fixtures/hub.ts";
import { buildProfile, buildTable } from "../fixtures/profile.ts";

/** Every kind of data file that clients are promised to be taken: type × delimiter × encoding, and each comes back as it came. */

const TYPES = ["csv", "tsv", "txt", "dat"] as const;
const DELIMITERS = { comma: ",", semicolon: ";", pipe: "|", tab: "\t" } as const;
const ENCODINGS = { utf8: "utf8", windows1252: "latin1" } as const;
const RECORDS = 20;

const KINDS = TYPES.flatMap((type) =>
  Object.entries(DELIMITERS).flatMap(([mark, delimiter]) =>
    Object.entries(ENCODINGS).map(([name, encoding]) => ({
      fileName: `${mark}-${name}.${type}`,
      bytes: dataFile(delimiter, encoding),
    })),
  ),
);

/** Latin letters beyond ASCII, which are the same in Latin-1 and Windows-1252; quotes, and the delimiter within them. */
function dataFile(delimiter: string, encoding: BufferEncoding): Buffer {
  const rows = Array.from({ length: RECORDS }, (_, row) => [
    String(row + 1),
    row % 3 === 0 ? `"Zoë${delimiter} Müller ""${row}"""` : `Ångström ${row}`,
    `${row}.50`,
  ]);
  const text = [["id", "name", "amount"], ...rows].map((cells) => `${cells.join(delimiter)}\r\n`).join("");
  return Buffer.from(text, encoding);
}

let hub: Hub;
beforeAll(async () => {
  hub = await openHub({ services: ["sftp-gateway", "watcher", "validator", "purl-generator", "importer", "courier"] });
});
afterAll(() => hub?.stop());

test("each type with each delimiter in each encoding is imported, and comes back with two columns and its own bytes", async () => {
  const client = await openClient(hub, buildProfile({ client: "formats", tables: [buildTable({ files: ["*"] })] }));
  for (const type of TYPES) {
    const files = KINDS.filter(({ fileName }) => fileName.endsWith(type));
    await Promise.all(files.map(({ fileName, bytes }) => upload(client, `/spring/Uploads/${fileName}`, bytes)));
  }
  for (const { fileName, bytes } of KINDS) {
    const batch = await waitFor(
      async () => (await batchesOf(hub, client, fileName)).find(({ ended_at }) => ended_at !== null),
      `the end of ${fileName}`,
    );
    expect(batch, fileName).toMatchObject({ status: "completed", imported: RECORDS, links: RECORDS });
    const result = await readFile(join(client.folder("/spring/Downloads"), `PURL_${fileName}`), "latin1");
    const sent = bytes.toString("latin1").split("\r\n");
    const back = result.split("\r\n");
    expect(back, fileName).toHaveLength(sent.length);
    for (const [line, text] of sent.entries())
      expect(back[line]!.startsWith(text), `${fileName}, line ${line + 1}`).toBe(true);
    expect(back[0]!.slice(sent[0]!.length), fileName).toMatch(/^(.)thumbnail_1\1landingPage$/);
  }
  const { rows } = await hub.database.pool.query(
    "SELECT count(*)::int AS n, count(DISTINCT name)::int AS names FROM client_formats.spring__rows WHERE name ~ 'Ångström|Zoë. Müller'",
  );
  expect(rows[0].n).toBe(KINDS.length * RECORDS);
});
