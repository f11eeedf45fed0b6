import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openBlobs } from "@inlet/blobs";
import { buildPlayer } from "@inlet/stack";
import { buildLinkedBatch } from "../../services/landing/src/testing/linked-batch.ts";
import { readyStoryboard } from "../fixtures/ready-storyboard.ts";
import { fetchAll } from "./fetch-crowd.ts";
import { type BenchHub, openBenchHub, peakMemories } from "./hub.ts";
import { openBareServer } from "./landing.ts";
import { type BenchOptions, type BenchResult, inTurn, median } from "./measure.ts";

/** Each a picture of its own: the name is on it. */
const RECIPIENTS = 1_000;
/** As many as the cache holds of some 180 KB each, and room to spare. */
const SEEN_AGAIN = 60;
const REQUESTS = 10_000;
const CONNECTIONS = 32;

/**
 * Thumbnails of the ready storyboard for birthdays, 1280 × 720. Drawn: each of 1,000 recipients' for the first time,
 * pictures a second, by one process. Cached: 10,000 requests for those of 60 recipients, against a bare Fastify route that
 * answers with one of them as a static file; the ratio is of these requests a second. `details` has, too, what the same bytes
 * from memory are.
 */
export async function measureThumbnail({ pairs, say, records = RECIPIENTS }: BenchOptions): Promise<BenchResult> {
  await buildPlayer();
  const hub = await openBenchHub(["landing"], { INLET_FAILPOINTS: "" });
  try {
    const batch = await buildBatch(hub, records);
    const { host, port } = new URL(hub.stack.landingUrl);
    const fetchThem = async (port: number, paths: readonly string[]) => {
      const startedMs = performance.now();
      const bytes = await fetchAll({ port, host, paths, connections: CONNECTIONS });
      return { ms: performance.now() - startedMs, bytesEach: Math.round(bytes / paths.length) };
    };
    const pathOf = (record: number) => `/t/${batch.token(record)}.png`;
    say(`drawing ${records.toLocaleString("en")} thumbnails`);
    const png = Buffer.from(await (await fetch(`${hub.stack.landingUrl}${pathOf(1)}`)).arrayBuffer());
    const drawn = await fetchThem(
      Number(port),
      Array.from({ length: records - 1 }, (_, n) => pathOf(n + 2)),
    );
    const file = join(hub.stack.dataFolder, "thumbnail.png");
    await writeFile(file, png);
    const bare = await openBareServer(file);
    const again = Array.from({ length: REQUESTS }, (_, n) => pathOf(1 + (n % Math.min(SEEN_AGAIN, records))));
    const ours = async () => (await fetchThem(Number(port), again)).ms;
    const bareRoute = async (path: string) => (await fetchThem(bare.port, Array(REQUESTS).fill(path))).ms;
    const peer = async () => await bareRoute("/file");
    say("warming up");
    await ours();
    await peer();
    const times = await inTurn(pairs, { ours, peer }, say);
    say("from memory");
    const fromMemoryMs = await bareRoute("/p/thumbnail");
    bare.stop();
    const memories = await peakMemories(hub);
    const [oursMs, peerMs] = [median(times.ours), median(times.peer)];
    const perSecond = (count: number, ms: number) => Math.round((count / ms) * 1_000);
    return {
      name: "thumbnail",
      ratio: peerMs / oursMs,
      ours: { medianMs: oursMs, peakMemoryMb: memories.landing ?? 0 },
      peer: { name: "a static file by bare Fastify", medianMs: peerMs },
      pairs,
      details: {
        drawn: { pictures: records - 1, perSecond: perSecond(records - 1, drawn.ms), bytesEach: drawn.bytesEach },
        cached: {
          requests: REQUESTS,
          perSecond: {
            ours: perSecond(REQUESTS, oursMs),
            peer: perSecond(REQUESTS, peerMs),
            fromMemory: perSecond(REQUESTS, fromMemoryMs),
          },
          bytesEach: png.length,
        },
        times,
      },
    };
  } finally {
    await hub.stop();
  }
}

async function buildBatch(hub: BenchHub, records: number) {
  const { storyboard, assets } = await readyStoryboard("birthday");
  const lines = Array.from({ length: records }, (_, n) => `Iris ${n + 1},en`);
  return await buildLinkedBatch({
    ...{ database: hub.database, blobs: openBlobs(join(hub.stack.dataFolder, "blobs")) },
    ...{ keyEncryptionKey: Buffer.from(hub.stack.key, "base64"), csv: `first_name,language\n${lines.join("\n")}\n` },
    ...{ storyboard, assets },
  });
}
