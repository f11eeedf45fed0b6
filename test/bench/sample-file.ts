import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { ProfileInput } from "@inlet/contracts";

/** Ten columns of the kinds that clients send. */
export const SAMPLE_COLUMNS: ProfileInput["tables"][number]["columns"] = [
  { name: "customer_id", type: "integer", required: true },
  { name: "first_name", type: "string", required: true, maxLength: 60 },
  { name: "last_name", type: "string", required: true, maxLength: 60 },
  { name: "email", type: "email", required: true },
  { name: "city", type: "string" },
  { name: "country", type: "enum", values: ["DE", "FR", "GB", "IT", "PL", "US"] },
  { name: "signed_up", type: "date", required: true },
  { name: "amount", type: "decimal", precision: 12, scale: 2 },
  { name: "orders", type: "integer" },
  { name: "note", type: "string" },
];

const FIRST = ["Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Frances", "Ken", "Radia", "Tim"];
const LAST = ["Lovelace", "Hopper", "Turing", "Dijkstra", "Liskov", "Knuth", "Allen", "Thompson", "Perlman", "Lee"];
const CITY = ["Berlin", "Paris", "London", "Milano", "Kraków", "Portland", "München", "Lyon", "Leeds", "Torino"];
const COUNTRY = ["DE", "FR", "GB", "IT", "PL", "US"];
const NOTE = [
  "",
  "prefers e-mail",
  '"calls back, later"',
  "",
  "regular customer since the first year",
  '"said ""yes"""',
];

/** One record as CSV. The same number gives the same record, always. */
export function sampleRecord(n: number): string {
  // A multiplicative hash (Knuth, TAOCP 6.4) spreads the picks without a random generator.
  const h = Math.imul(n, 2654435761) >>> 0;
  const first = FIRST[h % 10]!;
  const last = LAST[(h >>> 4) % 10]!;
  const date = `20${String(10 + (h % 15)).padStart(2, "0")}-${String(1 + (h % 12)).padStart(2, "0")}-${String(1 + (h % 28)).padStart(2, "0")}`;
  const amount = `${h % 9000}.${String(h % 100).padStart(2, "0")}`;
  return `${n},${first},${last},${first.toLowerCase()}.${last.toLowerCase()}.${n}@example.com,${CITY[(h >>> 8) % 10]},${COUNTRY[(h >>> 12) % 6]},${date},${amount},${h % 250},${NOTE[(h >>> 16) % 6]}\n`;
}

/** The header of the sample files. */
export const SAMPLE_HEADER = `${SAMPLE_COLUMNS.map(({ name }) => name).join(",")}\n`;

/** Records of a small file. */
const SMALL_RECORDS = 20;

/** A file of 20 records. Another seed gives other records. */
export function smallFile(seed: number): Buffer {
  const records = Array.from({ length: SMALL_RECORDS }, (_, row) => sampleRecord(seed * SMALL_RECORDS + row + 1));
  return Buffer.from(SAMPLE_HEADER + records.join(""));
}

/** Writes a file of `records` records, about 100 bytes each. */
export async function writeSampleFile(
  path: string,
  records: number,
  from = 1,
): Promise<{ sizeBytes: number; sha256: Buffer }> {
  const stream = createWriteStream(path, { highWaterMark: 1 << 20 });
  stream.write(SAMPLE_HEADER);
  let lines: string[] = [];
  for (let n = from; n < from + records; n += 1) {
    lines.push(sampleRecord(n));
    if (lines.length === 5000) {
      if (!stream.write(lines.join(""))) await once(stream, "drain");
      lines = [];
    }
  }
  stream.end(lines.join(""));
  await once(stream, "finish");
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return { sizeBytes: (await stat(path)).size, sha256: hash.digest() };
}
