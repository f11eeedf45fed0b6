import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTestStack, requireDebianTool } from "@inlet/stack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inGroups } from "./commands/keys.ts";
import { inletOf, lastObject, type Outcome } from "./testing/inlet.ts";

const PROFILE = `
client: spring
project: PROJECT
folders: { uploads: /PROJECT/Uploads, downloads: /PROJECT/Downloads }
incoming: { pgp: require, signature: require }
delivery: { to: downloads, wrap: { as: pgp } }
tables: [{ name: contacts, columns: [{ name: id, type: integer }] }]
`;
const PASSPHRASE = "correct horse battery staple";

let stack: Awaited<ReturnType<typeof openTestStack>>;
let folder: string;
let inlet: ReturnType<typeof inletOf>;
let gpg: (...args: string[]) => Buffer;

beforeAll(async () => {
  stack = await openTestStack({ services: ["api"] });
  inlet = inletOf(stack.stateFolder);
  // gpg's agent wants a short path for its socket.
  folder = await mkdtemp(join(tmpdir(), "k-"));
  const { command, env } = await requireDebianTool("gpg");
  const home = { ...process.env, ...env, GNUPGHOME: folder };
  gpg = (...args) => execFileSync(command, ["--batch", "--yes", "--quiet", ...args], { env: home, stdio: "pipe" });
});
afterAll(async () => {
  await stack?.stop();
  if (folder === undefined) return;
  try {
    execFileSync("gpgconf", ["--kill", "all"], { env: { ...process.env, GNUPGHOME: folder }, stdio: "ignore" });
  } catch {
    // Its agent ends by itself when its folder is gone.
  }
  await rm(folder, { recursive: true, force: true });
});

const run = (...args: string[]): Promise<Outcome> => inlet.run(args);

/** A project of its own, and the `inlet keys` commands on it. */
async function givenProject(project: string): Promise<(...args: string[]) => Promise<Outcome>> {
  const file = join(folder, `${project}.yaml`);
  await writeFile(file, PROFILE.replaceAll("PROJECT", project));
  const applied = await run("apply", file);
  expect(applied.exitCode).toBe(0);
  expect(
    applied.stderr.split("\n").filter((line) => line.startsWith("inlet: There is no valid OpenPGP key")),
  ).toHaveLength(2);
  return (command, ...args) => run("keys", command!, "-p", `spring/${project}`, ...args);
}

/** A key pair of the client's, made by gpg; its fingerprint. */
function givenGpgKey(address: string, algorithm: "rsa2048" | "future-default", passphrase = ""): string {
  gpg(
    "--passphrase",
    passphrase,
    "--pinentry-mode",
    "loopback",
    "--quick-gen-key",
    address,
    algorithm,
    "default",
    "1y",
  );
  return /^fpr:+([0-9A-F]{40}):/m.exec(gpg("--with-colons", "--fingerprint", address).toString())![1]!;
}

test("a key is made, shown in gpg's groups, listed and exported, and gpg knows it by the same fingerprint", async () => {
  const keys = await givenProject("made");
  expect((await keys("list")).stdout).toMatch(/^No OpenPGP keys\. `inlet keys generate --project spring\/made`/);
  expect((await keys("export")).exitCode).toBe(5);
  const made = await keys("generate", "--days", "90");
  expect(made.stderr).toBe("");
  expect(made.stdout).toMatch(
    /^OpenPGP key of spring\/made made\.\n {2}fingerprint {2}(([0-9A-F]{4} ){5}( [0-9A-F]{4}){5})\n/,
  );
  expect(made.stdout).toMatch(
    / {2}user ID {6}Inlet spring made\n {2}algorithm {4}Curve25519\n {2}expires {6}\d{4}-\d\d-\d\d\n/,
  );
  expect(made.stdout).toContain("inlet keys export --project spring/made --output spring-made.asc\n");

  const shown = /fingerprint {2}(.+)/.exec(made.stdout)![1]!;
  const file = join(folder, "ours.asc");
  const saved = await keys("export", "-o", file);
  expect(saved.stdout).toContain(shown);
  const piped = await keys("export");
  expect(piped).toEqual({ exitCode: 0, stdout: await readFile(file, "utf8"), stderr: "" });
  gpg("--import", file);
  expect(gpg("--fingerprint", "Inlet spring made").toString()).toContain(shown);

  const listed = await keys("list");
  expect(listed.stdout).toContain(`ours    active   ${shown}\n`);
  expect(listed.stdout).toMatch(/\n {17}Curve25519, made .+, expires \d{4}-\d\d-\d\d\n/);
  expect(listed.stdout).toMatch(/^There is no valid OpenPGP key of the client's: /m);
  expect((await keys("generate")).exitCode).toBe(7);
});

test("the client's key is imported as gpg exports it, binary, armoured or from standard input; a private one is refused", async () => {
  const keys = await givenProject("theirs");
  const fingerprint = givenGpgKey("ana@example.com", "rsa2048");
  const [binary, armored, secret] = ["ana.gpg", "ana.asc", "ana-secret.asc"].map((name) => join(folder, name));
  gpg("--output", binary!, "--export", fingerprint);
  gpg("--output", armored!, "--armor", "--export", fingerprint);
  gpg("--output", secret!, "--armor", "--export-secret-keys", fingerprint);

  const refused = await keys("import", secret!);
  expect([refused.exitCode, refused.stdout]).toEqual([2, ""]);
  expect(refused.stderr).toMatch(/^inlet: This is a private key\. Nothing of it was kept\. /);
  expect(lastObject(await keys("list", "--json")).keys).toEqual([]);

  const imported = await keys("import", binary!);
  expect(imported.stdout).toContain(
    `  fingerprint  ${inGroups(fingerprint)}\n  user ID      ana@example.com\n  algorithm    RSA 2048\n`,
  );
  // gpg made it without a part for encryption, and that is said.
  expect(imported.stdout).toMatch(/\n {2}good for {5}signatures alone\n/);
  expect(imported.stdout).toMatch(/Compare the fingerprint with the client's by phone/);
  expect((await keys("import", armored!)).exitCode).toBe(0);
  const piped = await inlet.run(["keys", "import", "-", "-p", "spring/theirs"], {
    input: await readFile(armored!, "utf8"),
  });
  expect(piped.exitCode).toBe(0);
  const list = lastObject(await keys("list", "--json"));
  expect(list.keys).toMatchObject([{ owner: "theirs", fingerprint, state: "active", userId: "ana@example.com" }]);

  expect((await keys("remove", "00000000")).exitCode).toBe(5);
  const removed = await keys("remove", ...inGroups(fingerprint).split(/ +/));
  expect(removed.stdout).toMatch(/of the client's is retired: nothing is encrypted to it/);
  expect(lastObject(await keys("list", "--json")).keys).toMatchObject([{ state: "retired" }]);
  expect((await keys("import", join(folder, "ana-nowhere.asc"))).exitCode).toBe(5);
  // A folder is the person's mistake, wherever a file is read.
  const isFolder = { exitCode: 2, stderr: `inlet: ${folder} is a folder; name a file.\n` };
  expect(await keys("import", folder)).toMatchObject(isFolder);
  expect(await keys("import", secret!, "--ours", "--passphrase-file", folder)).toMatchObject(isFolder);
  expect(await run("apply", folder)).toMatchObject(isFolder);
  const tooLong = await keys("generate", "--days", "3651");
  expect([tooLong.exitCode, tooLong.stderr]).toEqual([2, expect.stringContaining("a number from 1 to 3650")]);
  expect(await run("go-live", "-p", "spring/theirs", "--override", " ")).toMatchObject({
    exitCode: 2,
    stderr: "inlet: --override needs a reason: it goes into the audit.\n",
  });
  await writeFile(join(folder, "no-key.csv"), "id\n1\n");
  expect((await keys("import", join(folder, "no-key.csv"))).stderr).toMatch(/^inlet: This is no OpenPGP key/);
});

test("a private key under a passphrase is imported as ours, rotated, and its successor stays when it is deleted", async () => {
  const keys = await givenProject("ours");
  const fingerprint = givenGpgKey("hub@example.com", "future-default", PASSPHRASE);
  const [secret, passphrase] = [join(folder, "hub-secret.gpg"), join(folder, "passphrase")];
  gpg(
    "--passphrase",
    PASSPHRASE,
    "--pinentry-mode",
    "loopback",
    "--output",
    secret,
    "--export-secret-keys",
    fingerprint,
  );
  expect((await keys("import", secret, "--ours")).stderr).toMatch(/passphrase/);
  await writeFile(passphrase, "wrong\n");
  expect((await keys("import", secret, "--ours", "--passphrase-file", passphrase)).exitCode).toBe(2);
  await writeFile(passphrase, `${PASSPHRASE}\n`);
  const imported = await keys("import", secret, "--ours", "--passphrase-file", passphrase);
  expect(imported.stderr).toBe("");
  expect(imported.stdout).toContain(inGroups(fingerprint));

  const rotated = await keys("rotate", "--name", "Hub", "--email", "hub@example.org", "--json");
  expect(lastObject(rotated).key).toMatchObject({ userId: "Hub <hub@example.org>", retired: fingerprint });
  expect((await keys("remove", fingerprint)).stderr).toMatch(/give a reason/);
  const deleted = await keys("remove", fingerprint, "--reason", "no message to it is left");
  expect(deleted.stdout).toBe(
    `Key ${inGroups(fingerprint)} is deleted: what was encrypted to it cannot be opened any more.\n`,
  );
  expect((await keys("remove", lastObject(rotated).key.fingerprint, "--reason", "x")).exitCode).toBe(7);
});

test("a fingerprint stands in groups as gpg prints it", () => {
  expect(inGroups("8F3B2A6C1D4E5F60718293A4B5C6D7E8F9012345")).toBe(
    "8F3B 2A6C 1D4E 5F60 7182  93A4 B5C6 D7E8 F901 2345",
  );
  expect(inGroups("A".repeat(64)).split(" ")).toHaveLength(16);
});
