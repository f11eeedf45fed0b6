import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openBlobs } from "@inlet/blobs";
import { buildPlayer } from "@inlet/stack";
import { buildLinkedBatch } from "../../services/landing/src/testing/linked-batch.ts";
import { readyStoryboard } from "../fixtures/ready-storyboard.ts";
import { fetchAll } from "./fetch-crowd.ts";
import { type BenchHub, openBenchHub, peakMemories } from "./hub.ts";
import { type BenchOptions, type BenchResult, inTurn, median } from "./measure.ts";

const LINKS = 1_000_000;
const REQUESTS = 20_000;
/** A server answers some of its pages one at a time each; this many are under way together. */
const CONNECTIONS = 32;

/**
 * Pages of a batch with 1,000,000 links, each request another one by chance, against a bare Fastify route that answers with
 * the headers and bytes of one of them from memory. Each server is one process; both are asked as they are, uncompressed, by the same
 * client. The ratio is of requests a second.
 */
export async function measureLanding({ pairs, say, records = LINKS }: BenchOptions): Promise<BenchResult> {
  await buildPlayer();
  const hub = await openBenchHub(["landing"], { INLET_FAILPOINTS: "" });
  try {
    say(`making ${records.toLocaleString("en")} links`);
    const batch = await buildBatch(hub, records);
    const { host, port } = new URL(hub.stack.landingUrl);
    const someone = () => `/p/${batch.token(1 + Math.floor(Math.random() * records))}`;
    const answer = await fetch(`${hub.stack.landingUrl}${someone()}`);
    const page = Buffer.from(await answer.arrayBuffer());
    const file = join(hub.stack.dataFolder, "page.html");
    await writeFile(file, page);
    const bare = await openBareServer(file, ownHeaders(answer.headers));
    const fetchSome = async (port: number, headers = "") => {
      const paths = Array.from({ length: REQUESTS }, someone);
      const startedMs = performance.now();
      const bodyBytes = await fetchAll({ port, host, paths, connections: CONNECTIONS, headers });
      return { ms: performance.now() - startedMs, bytesEach: Math.round(bodyBytes / REQUESTS) };
    };
    const ours = async (headers?: string) => await fetchSome(Number(port), headers);
    say("warming up");
    await ours();
    await fetchSome(bare.port);
    const times = await inTurn(
      pairs,
      { ours: async () => (await ours()).ms, peer: async () => (await fetchSome(bare.port)).ms },
      say,
    );
    say("compressed");
    const compressed = await ours("Accept-Encoding: gzip, br\r\n");
    bare.stop();
    const memories = await peakMemories(hub);
    const [oursMs, peerMs] = [median(times.ours), median(times.peer)];
    const perSecond = (ms: number) => Math.round((REQUESTS / ms) * 1_000);
    return {
      name: "landing",
      ratio: peerMs / oursMs,
      ours: { medianMs: oursMs, peakMemoryMb: memories.landing ?? 0 },
      peer: { name: "a bare Fastify route", medianMs: peerMs },
      pairs,
      details: {
        links: records,
        requests: REQUESTS,
        pageBytes: page.length,
        perSecond: { ours: perSecond(oursMs), peer: perSecond(peerMs), oursCompressed: perSecond(compressed.ms) },
        compressedBytes: compressed.bytesEach,
        times,
      },
    };
  } finally {
    await hub.stop();
  }
}

const NAMES = ["Iris", "Björn", "Amara", "Zoë", "Anna-Lena", "Søren", "Maximiliane", "Noa"];
const PRODUCTS = ["Home insurance", "Car insurance", "Travel insurance"];

/** Renewals of so many people: names, numbers and dates of their own, two of three kinds of scenes each. */
async function buildBatch(hub: BenchHub, records: number) {
  const { storyboard, assets } = await readyStoryboard("renewal");
  const columns = ["first_name", "language", "product", "contract_number", "renews_on", "new_price", "price_change"];
  const lines = [columns.join(",")];
  for (let n = 1; n <= records; n += 1) {
    const day = `2026-12-${String(1 + (n % 28)).padStart(2, "0")}`;
    lines.push(
      `${NAMES[n % 8]} ${n},${n % 4 === 0 ? "de" : "en"},${PRODUCTS[n % 3]},H-${n},${day},${(n % 900) + 99}.50,${(n % 41) - 20}.00`,
    );
  }
  return await buildLinkedBatch({
    ...{ database: hub.database, blobs: openBlobs(join(hub.stack.dataFolder, "blobs")) },
    ...{ keyEncryptionKey: Buffer.from(hub.stack.key, "base64"), csv: `${lines.join("\n")}\n`, columns },
    ...{ storyboard, assets },
  });
}

/** What every HTTP server adds by itself. */
const OF_ANY_SERVER = ["connection", "content-length", "date", "keep-alive"];

const ownHeaders = (headers: Headers): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => !OF_ANY_SERVER.includes(name)));

/** Starts a bare server that answers `/p/<anything>` with a file's bytes, under these headers. */
export async function openBareServer(
  page: string,
  headers: Record<string, string> = { "content-type": "text/html; charset=utf-8" },
): Promise<{ port: number; stop(): void }> {
  const main = join(import.meta.dirname, "page-server-main.ts");
  const child = spawn(process.execPath, [main, page, JSON.stringify(headers)], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return { port: Number(line), stop: () => child.stdin.end() };
}
