import { execFile } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, test } from "vitest";

/** What docs/webhooks.md gives to whoever receives webhooks, run as it stands there. */

const run = promisify(execFile);
const PAGE = new URL("../../docs/webhooks.md", import.meta.url);
const SECRET = `whsec_${randomBytes(32).toString("base64")}`;
const BODY = '{"type":"batch.completed","timestamp":"2026-11-20T09:00:00.310Z","data":{"fileName":"März — 1.csv"}}';

let folder: string;
let hasPython: boolean;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inlet-webhook-sample-"));
  const page = await readFile(PAGE, "utf8");
  const sample = (language: string) => new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "ms").exec(page)![1]!;
  await writeFile(join(folder, "verify.mjs"), sample("js"));
  await writeFile(join(folder, "verify.py"), sample("python"));
  hasPython = await run("python3", ["-c", ""]).then(
    () => true,
    () => false,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Sent {
  headers: Record<string, string>;
  body: string;
}

/** An event as the library of Standard Webhooks signs it. */
function sent({ body = BODY, secret = SECRET, ageSeconds = 0 } = {}): Sent {
  const at = new Date(Date.now() - ageSeconds * 1000);
  return {
    body,
    headers: {
      "webhook-id": "msg_1",
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": new Webhook(secret).sign("msg_1", at, body),
    },
  };
}

const withHeaders = (one: Sent, headers: Record<string, string>): Sent => ({
  ...one,
  headers: { ...one.headers, ...headers },
});

const genuine = sent();
const other = sent({ secret: `whsec_${randomBytes(32).toString("base64")}` });
const CASES: [what: string, isTaken: boolean, sent: Sent][] = [
  ["an event as it was sent", true, genuine],
  ["one that came a little late", true, sent({ ageSeconds: 200 })],
  [
    "one with the signatures of two secrets",
    true,
    withHeaders(genuine, {
      "webhook-signature": `${other.headers["webhook-signature"]} ${genuine.headers["webhook-signature"]}`,
    }),
  ],
  ["another body under its signature", false, { ...genuine, body: BODY.replace("completed", "rejected") }],
  ["another id under its signature", false, withHeaders(genuine, { "webhook-id": "msg_2" })],
  [
    "another time under its signature",
    false,
    withHeaders(sent({ ageSeconds: 100 }), { "webhook-timestamp": genuine.headers["webhook-timestamp"]! }),
  ],
  ["somebody else's signature", false, other],
  ["an old event once more", false, sent({ ageSeconds: 400 })],
  ["one from the future", false, sent({ ageSeconds: -400 })],
  [
    "a signature of another version",
    false,
    withHeaders(genuine, { "webhook-signature": genuine.headers["webhook-signature"]!.replace("v1,", "v1a,") }),
  ],
  [
    "a signature that is cut off",
    false,
    withHeaders(genuine, { "webhook-signature": genuine.headers["webhook-signature"]!.slice(0, -8) }),
  ],
  ["an empty signature", false, withHeaders(genuine, { "webhook-signature": "v1," })],
  [
    "one without a signature",
    false,
    { ...genuine, headers: { "webhook-id": "msg_1", "webhook-timestamp": genuine.headers["webhook-timestamp"]! } },
  ],
  ["a time that is none", false, withHeaders(genuine, { "webhook-timestamp": "soon" })],
  [
    "a signature under the secret's text, not its bytes",
    false,
    withHeaders(genuine, {
      "webhook-signature": `v1,${createHmac("sha256", SECRET).update(`msg_1.${genuine.headers["webhook-timestamp"]}.${BODY}`).digest("base64")}`,
    }),
  ],
];
const EXPECTED = CASES.map(([what, isTaken]) => [what, isTaken]);
const given = () => JSON.stringify({ secret: SECRET, cases: CASES.map(([what, , one]) => [what, one]) });

test("the sample for Node takes what is genuine, and refuses the rest", async () => {
  const program = `
    import { readFileSync } from "node:fs";
    import { readEvent } from "./verify.mjs";
    const { secret, cases } = JSON.parse(readFileSync("cases.json", "utf8"));
    const isTaken = ({ headers, body }) => {
      try {
        return readEvent(secret, headers, Buffer.from(body)).type === "batch.completed";
      } catch (error) {
        if (error.constructor !== Error) throw error;
        return false;
      }
    };
    console.log(JSON.stringify(cases.map(([what, one]) => [what, isTaken(one)])));`;
  await writeFile(join(folder, "cases.json"), given());
  await writeFile(join(folder, "run.mjs"), program);
  const { stdout } = await run(process.execPath, ["run.mjs"], { cwd: folder });
  expect(JSON.parse(stdout)).toEqual(EXPECTED);
});

test("the sample for Python does the same", async (context) => {
  if (!hasPython) context.skip("there is no python3 here");
  const program = `
import json
from verify import read_event
given = json.load(open("cases.json", encoding="utf8"))
def is_taken(one):
    try:
        return read_event(given["secret"], one["headers"], one["body"].encode())["type"] == "batch.completed"
    except ValueError:
        return False
print(json.dumps([[what, is_taken(one)] for what, one in given["cases"]]))`;
  await writeFile(join(folder, "cases.json"), given());
  await writeFile(join(folder, "run.py"), program);
  const { stdout } = await run("python3", ["run.py"], { cwd: folder });
  expect(JSON.parse(stdout)).toEqual(EXPECTED);
});
