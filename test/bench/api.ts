import { readFile } from "node:fs/promises";
import { Agent, get } from "node:http";
import { type BatchFilter, LIST_SETTINGS, listBatches, resolveBatchNames, transaction } from "@inlet/database";
import { type BenchHub, openBenchHub, peakMemories } from "./hub.ts";
import { fillBatches } from "./many-batches.ts";
import { type BenchOptions, type BenchResult, inTurn, median } from "./measure.ts";

const BATCHES = 1_000_000;
const PAGE = 50;
/** Of each list in one pair. */
const ROUNDS = 10;
const CROWD = 64;

interface List {
  name: string;
  query: string;
  filter: BatchFilter;
}

/** Lists of a million batches by HTTP, against the same statement by itself: the 95th percentile of each, in turn. */
export async function measureApi({ pairs, say, records = BATCHES }: BenchOptions): Promise<BenchResult> {
  const hub = await openBenchHub(["api"], { API_REQUESTS_PER_MINUTE: "10000000" });
  const agent = new Agent({ keepAlive: true });
  try {
    say(`making ${records.toLocaleString("en-US")} batches`);
    await fillBatches(hub.database, records);
    const lists = await listsOf(hub);
    const key = (await readFile(hub.stack.adminKeyFile, "utf8")).trim();
    const ask = (query: string) => request(`${hub.stack.apiUrl}/v1/batches?limit=${PAGE}${query}`, key, agent);
    const sqlAlone = (filter: BatchFilter) =>
      transaction(hub.database, (tx) => listBatches(tx, filter, PAGE + 1), { settings: LIST_SETTINGS });
    say("warming up");
    const rows: Record<string, number> = {};
    for (const { name, query, filter } of lists) {
      const { batches } = JSON.parse(await ask(query)) as { batches: unknown[] };
      rows[name] = batches.length;
      await sqlAlone(filter);
    }
    const ours = new Map<string, number[]>();
    const peer = new Map<string, number[]>();
    const round = async (times: Map<string, number[]>, work: (list: List) => Promise<unknown>) => {
      const all: number[] = [];
      for (let n = 0; n < ROUNDS; n += 1) {
        for (const list of lists) {
          const startedMs = performance.now();
          await work(list);
          const ms = performance.now() - startedMs;
          all.push(ms);
          times.set(list.name, [...(times.get(list.name) ?? []), ms]);
        }
      }
      return p95(all);
    };
    const times = await inTurn(
      pairs,
      { ours: () => round(ours, ({ query }) => ask(query)), peer: () => round(peer, ({ filter }) => sqlAlone(filter)) },
      say,
    );
    say(`${CROWD} callers at once`);
    const startedMs = performance.now();
    const cheap = lists.filter(({ name }) => median(ours.get(name)!) < 50);
    await Promise.all(Array.from({ length: CROWD * 10 }, (_, n) => ask(cheap[n % cheap.length]!.query)));
    const crowdMs = performance.now() - startedMs;
    const memories = await peakMemories(hub);
    const rounded = (ms: number) => Number(ms.toFixed(1));
    return {
      name: "api",
      ratio: median(times.ours) / median(times.peer),
      ours: { medianMs: median(times.ours), peakMemoryMb: memories.api ?? 0 },
      peer: { name: "the same SQL by itself", medianMs: median(times.peer) },
      pairs,
      details: {
        batches: records,
        whatIsCompared: "95th percentiles",
        lists: Object.fromEntries(
          lists.map(({ name }) => [
            name,
            {
              rows: rows[name],
              ours: { p50Ms: rounded(median(ours.get(name)!)), p95Ms: rounded(p95(ours.get(name)!)) },
              sql: { p50Ms: rounded(median(peer.get(name)!)), p95Ms: rounded(p95(peer.get(name)!)) },
            },
          ]),
        ),
        crowdRequestsPerSecond: Math.round((CROWD * 10) / (crowdMs / 1_000)),
        peakMemoriesMb: memories,
      },
    };
  } finally {
    agent.destroy();
    await hub.stop();
  }
}

/** What people ask for: the newest, one client, rare ends, words, numbers, days long past. */
async function listsOf({ database }: BenchHub): Promise<List[]> {
  const everything = { scope: null } satisfies BatchFilter;
  const client7 = await resolveBatchNames(database, { scope: null, client: "client7" });
  const project = await resolveBatchNames(database, { scope: null, client: "client1", project: "project1" });
  const names = (found: typeof client7) => ({
    ...everything,
    clientId: found!.clientId,
    projectIds: found!.projectIds,
  });
  const { rows } = await database.pool.query<{ id: number; hash: string; run: number }>(
    "SELECT id, encode(sha256, 'hex') AS hash, run_id AS run FROM batches ORDER BY id OFFSET 1000 LIMIT 1",
  );
  const { id, hash, run } = rows[0]!;
  const day = { from: new Date("2023-05-05T00:00:00Z"), to: new Date("2023-05-06T00:00:00Z") };
  return [
    { name: "newest", query: "", filter: everything },
    { name: "deep page", query: `&cursor=${cursorOf(id)}`, filter: { ...everything, beforeId: id } },
    { name: "one client", query: "&client=client7", filter: names(client7) },
    {
      name: "one client's failures",
      query: "&client=client7&status=failed",
      filter: { ...names(client7), statuses: ["failed"] },
    },
    {
      name: "one project and table",
      query: "&client=client1&project=project1&table=store",
      filter: { ...names(project), table: "store" },
    },
    {
      name: "under way",
      query: "&status=received,running",
      filter: { ...everything, statuses: ["received", "running"] },
    },
    {
      name: "failed or rejected",
      query: "&status=failed,rejected",
      filter: { ...everything, statuses: ["failed", "rejected"] },
    },
    { name: "superseded", query: "&status=superseded", filter: { ...everything, statuses: ["superseded"] } },
    { name: "with findings", query: "&findings=true", filter: { ...everything, findings: true } },
    { name: "by e-mail", query: "&source=email", filter: { ...everything, sources: ["email"] } },
    {
      name: "a day long past",
      query: `&from=${day.from.toISOString()}&to=${day.to.toISOString()}`,
      filter: { ...everything, ...day },
    },
    { name: "a run", query: `&run=${run}`, filter: { ...everything, runId: run } },
    { name: "a number", query: `&text=%23${id}`, filter: { ...everything, text: `#${id}` } },
    { name: "a hash", query: `&text=${hash.slice(0, 24)}`, filter: { ...everything, text: hash.slice(0, 24) } },
    { name: "a common word", query: "&text=store", filter: { ...everything, text: "store" } },
    { name: "a word that no name has", query: "&text=nowhere", filter: { ...everything, text: "nowhere" } },
  ];
}

const cursorOf = (id: number) => Buffer.from(`v1:${id}`).toString("base64url");

function request(url: string, key: string, agent: Agent): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  get(url, { agent, headers: { authorization: `Bearer ${key}` } }, (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject);
    response.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      if (response.statusCode === 200) resolve(text);
      else reject(new Error(`${url} was answered ${response.statusCode}: ${text}`));
    });
  }).on("error", reject);
  return promise;
}

function p95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))]!;
}
