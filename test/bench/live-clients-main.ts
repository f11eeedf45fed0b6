import { Agent, get } from "node:http";
import { parentPort, workerData } from "node:worker_threads";

/**
 * Many listeners in a thread of their own. Changes carry the time of their commit as their number of records, so each
 * listener knows how late it hears of them. Every tenth measures; all count what they hear.
 */
const { url, key, clients } = workerData as { url: string; key: string; clients: number };
const RECORDS = /"records":(\d{13})/g;
const MEASURED_EVERY = 10;

const delaysMs: number[] = [];
const heard = new Array<number>(clients).fill(0);
let open = 0;
let lost = 0;
let resets = 0;

const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
for (let index = 0; index < clients; index += 1) {
  get(`${url}/v1/events`, { agent, headers: { authorization: `Bearer ${key}` } }, (response) => {
    if (response.statusCode !== 200) throw new Error(`a stream was answered ${response.statusCode}`);
    open += 1;
    if (open === clients) parentPort!.postMessage("open");
    const isMeasuring = index % MEASURED_EVERY === 0;
    let rest = "";
    response.on("data", (chunk: Buffer) => {
      heard[index]! += chunk.length;
      if (!isMeasuring) return;
      const text = rest + chunk.toString("latin1");
      const nowMs = Date.now();
      let end = 0;
      for (const match of text.matchAll(RECORDS)) {
        delaysMs.push(nowMs - Number(match[1]));
        end = match.index + match[0].length;
      }
      if (text.includes("event: reset", Math.max(0, rest.length - 12))) resets += 1;
      // What a chunk has cut in two is looked at with the next one.
      rest = text.slice(Math.max(end, text.length - 24));
    });
    response.on("close", () => {
      lost += 1;
    });
  }).on("error", () => {
    lost += 1;
  });
}

parentPort!.on("message", () => {
  const least = Math.min(...heard);
  parentPort!.postMessage({ delaysMs, open, lost, resets, leastBytes: least, mostBytes: Math.max(...heard) });
  process.exit(0);
});
