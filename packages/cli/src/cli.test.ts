import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTestStack, waitFor } from "@inlet/stack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inletOf, lastObject, type Outcome } from "./testing/inlet.ts";

let stack: Awaited<ReturnType<typeof openTestStack>>;
let folder: string;
let inlet: ReturnType<typeof inletOf>;

const PROFILE = `
client: spring
project: video
folders: { uploads: /video/Uploads, downloads: /video/Downloads }
links: { page: { title: "Hello {{name}}" } }
tables:
  - name: contacts
    files: ["contacts-*.csv"]
    invalid: { policy: skip, maxRows: 2 }
    columns:
      - { name: id, type: integer, required: true }
      - { name: name, required: true }
`;

beforeAll(async () => {
  stack = await openTestStack();
  inlet = inletOf(stack.stateFolder);
  folder = await mkdtemp(join(tmpdir(), "inlet-cli-"));
  await writeFile(join(folder, "profile.yaml"), PROFILE);
  const applied = await run("apply", "-f", join(folder, "profile.yaml"), "--live", "a test");
  const stdout = "spring/video  new, version 1\n  live without a rehearsal: its files reach its tables\n";
  expect(applied).toEqual({ exitCode: 0, stdout, stderr: "" });
  // Results are delivered into an account's Downloads.
  expect((await run("account", "add", "results", "--client", "spring")).exitCode).toBe(0);
});
afterAll(async () => {
  await stack?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const run = (...args: string[]): Promise<Outcome> => inlet.run(args);

async function givenFile(name: string, rows: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, `id,name\n${rows}`);
  return file;
}

test("a file is sent and followed to its end, and its result comes back", async () => {
  const file = await givenFile("contacts-good.csv", "1,Ana\n2,Łukasz\n");
  const sent = await run("send", file, "--project", "spring/video");
  expect(sent.stderr).toBe("");
  expect(sent.exitCode).toBe(0);
  const lines = sent.stdout.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^Sent contacts-good\.csv, 24 B in \d/);
  expect(lines[1]).toMatch(/^Batch \d+ {2}spring\/video$/);
  expect(sent.stdout).toMatch(/\d\d:\d\d:\d\d {2}Checked: 2 records/);
  expect(sent.stdout).toMatch(/\nCompleted in .+: 2 records, 2 imported, 2 links\n/);
  expect(sent.stdout).not.toContain("\u001b");

  const batchId = /^Batch (\d+)/.exec(lines[1]!)![1]!;
  const shown = await run("status", batchId);
  expect(shown.stdout).toContain("Put into /video/Downloads/PURL_contacts-good.csv");
  const saved = join(folder, "result.csv");
  expect((await run("download", batchId, "result", "-o", saved)).exitCode).toBe(0);
  expect(await readFile(saved, "utf8")).toMatch(/^id,name,thumbnail_1,landingPage\n1,Ana,http/);
  const piped = await run("download", batchId, "plain", "-o", "-");
  expect(piped.stdout).toBe("id,name\n1,Ana\n2,Łukasz\n");
});

test("the exit code tells how a batch ended, and the findings are shown", async () => {
  const partial = await run("send", await givenFile("contacts-part.csv", "1,Ana\nx,Bo\n"), "-p", "spring/video");
  expect(partial.exitCode).toBe(6);
  expect(partial.stdout).toMatch(/LINE {2}COLUMN {2}CODE +VALUE {2}MESSAGE\n +3 {2}id +\w+ +"x"/);
  const rejected = await run("send", await givenFile("contacts-bad.csv", ""), "-p", "spring/video", "--json");
  expect(rejected.exitCode).toBe(1);
  expect(rejected.stdout.trimEnd().split("\n")).toHaveLength(1);
  expect(lastObject(rejected).batch).toMatchObject({ status: "rejected", fileName: "contacts-bad.csv" });
  const again = await run("send", join(folder, "contacts-part.csv"), "-p", "spring/video");
  expect(again.exitCode).toBe(1);
  expect(again.stdout).toMatch(/^Duplicate in /m);
});

test("issues are listed with their exact number", async () => {
  const sent = await run(
    "send",
    await givenFile("contacts-many.csv", "a,\n".repeat(30)),
    "-p",
    "spring/video",
    "--json",
  );
  const id = String(lastObject(sent).batch.id);
  const listed = await run("issues", id, "--column", "id", "--limit", "3");
  expect(
    listed.stdout
      .split("\n")
      .slice(1, 4)
      .map((line) => Number(line.trim().split(" ")[0])),
  ).toEqual([2, 3, 4]);
  expect(listed.stdout).toMatch(/60 findings in the whole file/);
  const all = lastObject(await run("issues", id, "--limit", "0", "--json"));
  expect(all.issues).toHaveLength(60);
});

test("standard input is sent under the name it is given, and its record count is held to", async () => {
  const sent = await inlet.run(
    ["send", "-", "-p", "spring/video", "--name", "contacts-stdin.csv", "--records", "2", "--json"],
    {
      input: "id,name\n1,Ana\n",
    },
  );
  expect(lastObject(sent).batch).toMatchObject({ fileName: "contacts-stdin.csv", counts: { declared: 2 } });
  expect(sent.exitCode).toBe(1);
  expect((await run("send", "-", "-p", "spring/video")).exitCode).toBe(2);
});

test("batches and runs are listed in aligned columns, and filtered", async () => {
  const listed = await run("status", "--text", "contacts-good");
  const [heading, row] = listed.stdout.split("\n");
  expect(heading).toMatch(/^BATCH {2}RECEIVED {2}PROJECT +FILE +STATUS +RECORDS {2}IMPORTED +TOOK$/);
  expect(row!.indexOf("contacts-good.csv")).toBe(heading!.indexOf("FILE"));
  expect((await run("status", "--status", "rejected", "--json").then(lastObject)).batches).not.toHaveLength(0);
  expect((await run("status", "-p", "other/video")).stdout).toMatch(/^No batches/);
  expect((await run("runs", "-p", "spring/video")).stdout).toMatch(/^RUN {2}OPENED/);
  expect((await run("projects")).stdout).toMatch(/spring\/video .+\/video\/Uploads {2}\/video\/Downloads {2}contacts/);
});

test("every mistake of a profile is told with file, line and path, and nothing of any file is applied", async () => {
  const bad = join(folder, "bad.yaml");
  await writeFile(bad, PROFILE.replace("type: integer", "type: integr").replace("links:", "linkz:"));
  const good = join(folder, "good.yaml");
  await writeFile(good, PROFILE.replace("project: video", "project: unseen").replaceAll("/video/", "/unseen/"));
  const applied = await run("apply", good, bad, "--json");
  expect(applied.exitCode).toBe(2);
  expect(applied.stderr.trimEnd().split("\n")).toEqual([
    `${bad}:11:21: tables[0].columns[0].type: must be one of string, integer, decimal, boolean, date, timestamp, email, url, enum`,
    `${bad}:5:1: linkz: there is no such setting`,
    `inlet: ${bad} has 2 mistakes; nothing of it was applied.`,
  ]);
  expect(lastObject(applied).error).toMatchObject({ code: "usage", exitCode: 2, details: [{ line: 11 }, { line: 5 }] });
  expect((await run("projects")).stdout).not.toContain("unseen");

  const clash = join(folder, "clash.yaml");
  await writeFile(clash, PROFILE.replace("project: video", "project: clash"));
  const clashing = await run("apply", clash);
  expect(clashing.stderr).toContain(
    `${clash}:4:12: folders.uploads: /video/Uploads is the Uploads folder of project video`,
  );
  expect((await run("apply", join(folder, "profile.yaml"))).stdout).toBe("spring/video  unchanged, version 1\n");
  expect((await run("apply", good, "--check")).stdout).toMatch(/^1 profile without a mistake/);
});

test("a login is added with a password that is shown once, listed, disabled and enabled", async () => {
  const added = await run("account", "add", "spring", "--client", "spring", "--cidr", "203.0.113.9/24");
  expect(added.stdout).toMatch(/password {3}([a-z2-9]{5}-){4}[a-z2-9]{5}\n/);
  expect(added.stdout).toContain("/video/Uploads  (video)");
  const password = /password +(\S+)/.exec(added.stdout)![1]!;
  const listed = await run("account", "list");
  expect(listed.stdout).toMatch(
    /^spring +spring +enabled +password +203\.0\.113\.0\/24 +\/video\/Uploads \/video\/Downloads$/m,
  );
  expect(listed.stdout).not.toContain(password);
  expect((await run("account", "disable", "spring")).stdout).toBe("spring is disabled.\n");
  expect(lastObject(await run("account", "list", "--json")).accounts).toMatchObject([
    { username: "results", enabled: true },
    { username: "spring", enabled: false },
  ]);
  expect((await run("account", "enable", "spring")).exitCode).toBe(0);
  expect((await run("account", "disable", "nobody")).exitCode).toBe(5);
  const changed = lastObject(await run("account", "change", "spring", "--any-address", "--new-password", "--json"));
  expect(changed.account).toMatchObject({ cidrs: [], hasPassword: true });
  expect(changed.account.password).not.toBe(password);
});

test("keys are made, used and revoked; secrets are read from standard input", async () => {
  const made = lastObject(await run("api-key", "create", "Night", "--role", "viewer", "--json"));
  const env = { INLET_URL: stack.apiUrl, INLET_API_KEY: made.apiKey.key };
  expect((await inlet.run(["status"], { env })).exitCode).toBe(0);
  const refused = await inlet.run(["api-key", "list"], { env });
  expect(refused.exitCode).toBe(4);
  expect(refused.stderr).toMatch(/^inlet: The API key “Night” \(viewer\) may not do this\..+\n$/);
  expect((await run("api-key", "revoke", made.apiKey.prefix)).exitCode).toBe(0);
  expect((await inlet.run(["status"], { env })).exitCode).toBe(4);
  const stored = await inlet.run(["secret", "set", "spring", "sftp_password"], { input: "hunter2-hunter2\n" });
  expect(stored.stdout).toBe("Secret sftp_password of spring is stored.\n");
  expect((await inlet.run(["secret", "set", "spring", "sftp_password"], { input: "hunter2-hunter2" })).stdout).toMatch(
    /already/,
  );
  expect((await inlet.run(["secret", "set", "spring", "empty"], { input: "\n" })).exitCode).toBe(2);
});

test("it is looked how much of a recipient there is, who is told nowhere, and nothing is done without a word", async () => {
  const secret = "nobody@forgotten.example";
  const look = ["forget", "spring/video", "--column", "email", "--value", "-", "--preview"];
  const looked = await inlet.run(look, { input: `${secret}\n` });
  expect(looked.stdout).toMatch(
    /^Order (\d+): 0 records in 0 batches\. Nothing was removed yet\.\n.*To do it, within an hour: inlet forget spring\/video --confirm \1\n$/s,
  );
  const [, order] = /^Order (\d+)/.exec(looked.stdout)!;
  expect((await run("forget", "spring/video", "--drop", order!)).stdout).toMatch(/dropped\. Nothing was removed/);
  expect(await run("forget", "spring/video", "--confirm", order!)).toMatchObject({ exitCode: 7 });
  const listed = await run("forget", "spring/video", "--list", "--json");
  expect(lastObject(listed).forgettings).toMatchObject([{ state: "dropped", column: "email" }]);
  expect(listed.stdout).not.toContain(secret);
});

test("keys are narrowed, expire and are rotated", async () => {
  const create = ["api-key", "create", "Export", "--role", "operator", "--access", "read", "files", "--days", "30"];
  const made = lastObject(await run(...create, "--json")).apiKey;
  expect(made).toMatchObject({ role: "operator", access: ["read", "files"] });
  const { prefix } = made;
  const as = (key: string) => inlet.run(["status"], { env: { INLET_URL: stack.apiUrl, INLET_API_KEY: key } });
  const rotated = await run("api-key", "rotate", prefix, "--json").then(lastObject);
  expect(rotated.apiKey).toMatchObject({ prefix, access: ["read", "files"] });
  expect([(await as(made.key)).exitCode, (await as(rotated.apiKey.key)).exitCode]).toEqual([0, 0]);
  expect((await run("api-key", "rotate", prefix, "--grace-hours", "0")).stdout).toContain(
    "The secret before has ended.",
  );
  expect([(await as(made.key)).exitCode, (await as(rotated.apiKey.key)).exitCode]).toEqual([4, 4]);
  const changed = await run("api-key", "change", prefix, "--name", "Exports", "--no-expiry");
  expect(changed.stdout).toBe(`API key Exports (${prefix}) does not expire.\n`);
  expect((await run("api-key", "change", prefix)).exitCode).toBe(2);
  expect((await run("api-key", "list")).stdout).toMatch(/Exports +operator +read files .+ from 127\.0\.0\.1/);
});

test("users are added with an invitation that is shown once, listed, invited again and disabled", async () => {
  const added = await run("users", "add", "Data@Spring.example", "--role", "client", "--client", "spring");
  expect(added.stdout).toMatch(
    /^User Data@Spring\.example \(client of spring\) is added\.\n {2}http\S+\/invitation#\S{43}\n/,
  );
  const token = /#(\S+)/.exec(added.stdout)![1]!;
  const listed = await run("users", "list");
  expect(listed.stdout).toMatch(/^data@spring\.example +Data@Spring\.example +client +spring +invited +never$/m);
  expect(listed.stdout).not.toContain(token);
  const again = lastObject(await run("users", "invite", "data@spring.example", "--json"));
  expect(again.invitation.url).not.toContain(token);
  expect((await run("users", "disable", "data@spring.example")).stdout).toMatch(/is disabled/);
  expect(lastObject(await run("users", "list", "--json")).users).toMatchObject([{ state: "disabled", sessions: 0 }]);
  expect((await run("users", "invite", "data@spring.example")).exitCode).toBe(7);
  expect((await run("users", "enable", "data@spring.example")).exitCode).toBe(0);
  expect((await run("users", "disable", "nobody@spring.example")).exitCode).toBe(5);
  expect((await run("users", "add", "data@spring.example", "--role", "viewer")).exitCode).toBe(7);
});

test.each([
  [
    "an unknown batch",
    ["status", "999999"],
    5,
    /^inlet: There is no batch 999999\. `inlet status` lists those that you may see\.\n$/,
  ],
  ["an unknown project", ["send", import.meta.filename, "-p", "spring/nope"], 5, /`inlet projects` lists/],
  [
    "a file that is not there",
    ["send", "/nowhere/a.csv", "-p", "spring/video"],
    5,
    /^inlet: There is no file \/nowhere\/a\.csv\.\n$/,
  ],
  ["a folder for a file", ["send", "/", "-p", "spring/video"], 2, /is no file/],
  [
    "a retry of what is over",
    ["retry", "1"],
    7,
    /^inlet: Batch 1 is completed; only a failed batch can be retried\.\n$/,
  ],
  ["a forced retry without a reason", ["retry", "1", "--force"], 2, /--reason/],
  ["links to be taken back, but which", ["revoke", "1"], 2, /--record NUMBER, or --all/],
  ["a link that is none", ["revoke", "--link", "https://go.example.org/p/x"], 5, /no link of yours/],
  ["a recipient, but who", ["forget", "spring/video"], 2, /Say who: --batch NUMBER/],
  [
    "a recipient without a look or a yes",
    ["forget", "spring/video", "--batch", "1", "--record", "1"],
    2,
    /no way back/,
  ],
  ["an unknown command", ["stats"], 2, /Did you mean status\?/],
  ["an unknown option", ["status", "--colour"], 2, /unknown option/],
  ["a word for a number", ["status", "last"], 2, /whole number/],
  ["an unknown status", ["status", "--status", "done"], 2, /no status; there are received, running/],
  ["a hub that is not there", ["--url", "http://127.0.0.1:9", "--key", "x", "status"], 3, /cannot be reached/],
  [
    "a name that is no host",
    ["--url", "http://hub.invalid", "--key", "x", "status"],
    3,
    /not encrypted.+\n.+there is no such host/,
  ],
])("%s is answered in words and by exit code", async (_, args, exitCode, words) => {
  const outcome = await run(...args);
  expect(outcome.stderr).toMatch(words);
  expect(outcome.exitCode).toBe(exitCode);
  expect(outcome.stdout).toBe("");
});

test("help tells the exit codes and starts no connection", async () => {
  const help = await inlet.run(["help"], { env: { INLET_STATE: "/nowhere" } });
  expect(help.exitCode).toBe(0);
  expect(help.stdout).toMatch(/Exit codes:\n {2}0 /);
  expect((await inlet.run(["help", "send"])).stdout).toContain("--no-wait");
  const none = await inlet.run(["status"], { env: { INLET_STATE: "/nowhere" } });
  expect([none.exitCode, none.stderr.includes("npm start")]).toEqual([3, true]);
});

test("Ctrl-C ends the following, not the batch, and says how to go on", async () => {
  await stack.process("validator").stop();
  try {
    const child = inlet.start(["send", await givenFile("contacts-int.csv", "1,Ana\n"), "-p", "spring/video"]);
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    await waitFor(() => /^Batch \d+/m.test(stdout), { what: "the batch", timeoutMs: 30_000 });
    child.kill("SIGINT");
    const [exitCode] = await once(child, "close");
    expect(exitCode).toBe(130);
    expect(stderr).toMatch(/^inlet: Batch \d+ goes on; `inlet status \d+ --follow` follows it\.\n$/);
  } finally {
    await stack.process("validator").start();
  }
  const batchId = lastObject(await run("status", "--text", "contacts-int", "--json")).batches[0].id;
  const followed = await run("status", String(batchId), "--follow");
  expect(followed.exitCode).toBe(0);
  expect(followed.stdout).toContain("Completed");
});

test("following outlives a restart of the API", async () => {
  await stack.process("validator").stop();
  const child = inlet.start([
    "send",
    await givenFile("contacts-restart.csv", "1,Ana\n"),
    "-p",
    "spring/video",
    "--json",
  ]);
  let stdout = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  const ended = once(child, "close");
  const listed = async () =>
    lastObject(await run("status", "--text", "contacts-restart", "--json")).batches.length === 1;
  await waitFor(listed, { what: "the batch", timeoutMs: 30_000 });
  await stack.process("api").stop();
  await stack.process("validator").start();
  await stack.process("api").start();
  const [exitCode] = await ended;
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout).batch.status).toBe("completed");
});

test("a reader that stops reading ends the command quietly", async () => {
  const child = inlet.start(["issues", "1", "--limit", "0"]);
  child.stdout.destroy();
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const [exitCode] = await once(child, "close");
  expect([exitCode, stderr]).toEqual([0, ""]);
});
