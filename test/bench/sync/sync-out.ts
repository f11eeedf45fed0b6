import { Agent, request } from "node:http";
import { pauseSubscription, resumeSubscription } from "@inlet/database";
import { waitFor } from "@inlet/stack";
import { type BenchHub, peakMemories } from "../hub.ts";
import { type BenchOptions, type BenchResult, inTurn, median } from "../measure.ts";
import { processorTimes } from "../small-files.ts";
import { type BenchReceiver, openBenchReceiver } from "./receiver.ts";
import { CONCURRENCY, itemOf, openSyncHub, openSyncProject, type SyncProject } from "./subscribers.ts";

const CHANGES = 20_000;
/** Each of ten gets every change. */
const CHANGES_OF_TEN = 5_000;
const AT_ONCE = 1_000;

interface Side {
  subscribers: number;
  changes: number;
}

/**
 * Changes a second to one subscriber and to ten, each change by a POST of its own, against bare posts of the same bodies with the same
 * concurrency to the same receiver; from the first receipt to the last. The ratio is of rates, of whichever does worse.
 */
export async function measureSyncOut({ pairs, say, records = CHANGES }: BenchOptions): Promise<BenchResult> {
  const hub = await openSyncHub();
  const receiver = await openBenchReceiver();
  try {
    const share = records / CHANGES;
    const sides = [
      { subscribers: 1, changes: records },
      { subscribers: 10, changes: Math.round(CHANGES_OF_TEN * share) },
    ];
    const measured = [];
    for (const side of sides) {
      say(`${side.subscribers} subscribers, ${side.changes.toLocaleString("en-US")} changes each`);
      measured.push(await measureSide(hub, receiver, side, { pairs, say }));
    }
    const [one, ten] = measured;
    const worse = one!.ratio <= ten!.ratio ? one! : ten!;
    const memories = await peakMemories(hub);
    return {
      name: "sync-out",
      ratio: worse.ratio,
      ours: { medianMs: worse.oursMs, peakMemoryMb: memories.syncer ?? 0 },
      peer: { name: "bare posts", medianMs: worse.peerMs },
      pairs,
      details: { one, ten, concurrency: CONCURRENCY },
    };
  } finally {
    await receiver.close();
    await hub.stop();
  }
}

async function measureSide(
  hub: BenchHub,
  receiver: BenchReceiver,
  { subscribers, changes }: Side,
  { pairs, say }: Pick<BenchOptions, "pairs" | "say">,
) {
  const project = await openSyncProject(hub, { url: receiver.url, subscribers });
  const requests = subscribers * changes;
  let bodies: string[] = [];
  let version = 0;
  const busyMs: Record<string, number> = {};
  const times = await inTurn(
    pairs,
    {
      async ours() {
        version += 1;
        await setPaused(hub, project, subscribers, true);
        for (let first = 0; first < changes; first += AT_ONCE) {
          const count = Math.min(AT_ONCE, changes - first);
          await project.write(Array.from({ length: count }, (_, n) => itemOf(first + n + 1, version)));
        }
        await numbered(hub);
        const arrived = receiver.expect({ requests, keepsBodies: subscribers === 1 || bodies.length === 0 });
        const before = await processorTimes(hub);
        await setPaused(hub, project, subscribers, false);
        const { firstMs, lastMs, bodies: came } = await arrived;
        for (const [name, ms] of Object.entries(await processorTimes(hub)))
          busyMs[name] = (busyMs[name] ?? 0) + ms - (before[name] ?? 0);
        if (came.length > 0) bodies = came.slice(0, changes);
        return lastMs - firstMs;
      },
      async peer() {
        const arrived = receiver.expect({ requests, keepsBodies: false });
        await Promise.all(Array.from({ length: subscribers }, () => postAll(receiver.url, bodies)));
        const { firstMs, lastMs } = await arrived;
        return lastMs - firstMs;
      },
    },
    say,
  );
  const [oursMs, peerMs] = [median(times.ours), median(times.peer)];
  const perSecond = (ms: number) => Math.round((requests / ms) * 1_000);
  return {
    ...{ subscribers, changes, oursMs, peerMs, ratio: peerMs / oursMs },
    processorMicrosPerChange: Object.fromEntries(
      Object.entries(busyMs).map(([name, ms]) => [name, Math.round((ms / requests / pairs) * 1_000)]),
    ),
    oursPerSecond: perSecond(oursMs),
    peerPerSecond: perSecond(peerMs),
  };
}

/** The barest loop: Node's own client, kept connections, and each worker posts the next body as soon as it has its answer. */
async function postAll(url: string, bodies: readonly string[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  let next = 0;
  const work = async () => {
    while (next < bodies.length) {
      const body = bodies[next]!;
      next += 1;
      await post(agent, url, body);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  agent.destroy();
}

function post(agent: Agent, url: string, body: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request(url, { method: "POST", agent, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => {
        text += part;
      });
      answer.on("end", () => resolve(JSON.parse(text)));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

async function setPaused(hub: BenchHub, { projectId }: SyncProject, subscribers: number, isPaused: boolean) {
  const settled = async () => {
    const rows = await hub.database.query
      .selectFrom("subscriptions")
      .select(["id", "worker", "state"])
      .where("project_id", "=", projectId)
      .execute();
    return rows.length === subscribers ? rows : undefined;
  };
  const rows = await waitFor(settled, { timeoutMs: 10_000, what: "the subscriptions" });
  for (const { id } of rows) {
    if (isPaused) await pauseSubscription(hub.database, { id, actor: "bench" });
    else await resumeSubscription(hub.database, id);
  }
  if (!isPaused) return;
  const isStill = async () => (await settled())?.every(({ worker }) => worker === null);
  await waitFor(isStill, { timeoutMs: 10_000, what: "the pause" });
}

/** All changes have numbers: a cursor that is behind finds them at once. */
async function numbered({ database }: BenchHub): Promise<void> {
  const isDone = async () => {
    const { rows } = await database.pool.query("SELECT count(*) AS n FROM catalog_changes WHERE seq IS NULL");
    return rows[0].n === 0;
  };
  await waitFor(isDone, { timeoutMs: 30_000, what: "the numbers" });
}
