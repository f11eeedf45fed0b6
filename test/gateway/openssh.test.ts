import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DebianTool, requireDebianTool } from "@inlet/stack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run, sha256, type TestAccount, TestGateway } from "./gateway.ts";

let gateway: TestGateway;
let acme: TestAccount;
let ssh: DebianTool;

beforeAll(async () => {
  ssh = await requireDebianTool("ssh");
  gateway = await TestGateway.open();
  await gateway.project();
  acme = await gateway.account("acme");
  await gateway.file("a.csv", "email\nx@example.org\n");
});
afterAll(() => gateway.stop());

const sftp = async (...commands: string[]) => await gateway.sftp(acme, commands);

test("a file that is put has arrived, with its size and hash, when sftp ends", async () => {
  const { code, output } = await sftp("put a.csv /spring/Uploads/a.csv", "ls -l /spring/Uploads");
  expect(output).toMatch(/-rw-r-----.* 20 .*a\.csv/);
  expect(code).toBe(0);
  expect((await gateway.arrivals(acme)).at(-1)).toMatchObject({
    path: "/spring/Uploads/a.csv",
    fileName: "a.csv",
    generation: 1,
    sizeBytes: 20,
    location: `accounts/${acme.jail}/spring/Uploads/a.csv`,
    sha256: sha256("email\nx@example.org\n"),
    state: "arrived",
  });
  expect(await readFile(acme.onDisk("/spring/Uploads/a.csv"), "utf8")).toBe("email\nx@example.org\n");
  expect(await gateway.audit("acme")).toContain("upload ok /spring/Uploads/a.csv");
});

test("a password opens the same account", async () => {
  const { code, output } = await gateway.sftp(acme, ["ls /"], { password: acme.password });
  expect(output).toContain("spring");
  expect(code).toBe(0);
  expect(await gateway.audit("acme")).toContain("login ok");
});

test("100 MB come through unchanged, and back", async () => {
  const bytes = randomBytes(100 * 2 ** 20);
  await gateway.file("big.bin", bytes);
  expect((await sftp("put big.bin /spring/Uploads/big.csv", "get /spring/Uploads/big.csv back.bin")).code).toBe(0);
  const arrival = (await gateway.arrivals(acme)).find(({ fileName }) => fileName === "big.csv");
  expect(arrival).toMatchObject({ sizeBytes: bytes.length, sha256: sha256(bytes), state: "arrived" });
  expect(sha256(await readFile(join(gateway.work, "back.bin")))).toBe(sha256(bytes));
});

test("an empty file is an arrival too", async () => {
  await gateway.file("empty.csv", "");
  expect((await sftp("put empty.csv /spring/Uploads/empty.csv")).code).toBe(0);
  expect((await gateway.arrivals(acme)).at(-1)).toMatchObject({ sizeBytes: 0, sha256: sha256(""), state: "arrived" });
});

test("reput resumes a part where it ended", async () => {
  const bytes = randomBytes(3_000_000);
  await gateway.file("resumed.csv", bytes);
  const lost = await gateway.connect(acme);
  const handle = await lost.open("/spring/Uploads/resumed.csv", "w");
  for (let at = 0; at < 1_000_000; at += 20_000) await lost.write(handle, bytes.subarray(at, at + 20_000), at);
  lost.vanish();
  await gateway.waitFor("the upload to be given up", async () =>
    (await gateway.audit("acme")).some((line) => line.startsWith("upload partial /spring/Uploads/resumed.csv")),
  );
  const { code, output } = await sftp("ls -l /spring/Uploads", "reput resumed.csv /spring/Uploads/resumed.csv");
  expect(output).toMatch(/ 1000000 .*resumed\.csv/);
  expect(code).toBe(0);
  const arrivals = (await gateway.arrivals(acme)).filter(({ fileName }) => fileName === "resumed.csv");
  expect(arrivals).toMatchObject([{ sizeBytes: bytes.length, generation: 1, state: "arrived" }]);
  expect(sha256(await readFile(acme.onDisk("/spring/Uploads/resumed.csv")))).toBe(sha256(bytes));
});

test("a rename before the claim moves the arrival, a delete takes it back", async () => {
  await gateway.file("m.csv", "m\n");
  expect(
    (await sftp("put m.csv /spring/Uploads/m.csv", "rename /spring/Uploads/m.csv /spring/Uploads/n.csv")).code,
  ).toBe(0);
  const renamed = (await gateway.arrivals(acme)).at(-1);
  expect(renamed).toMatchObject({ path: "/spring/Uploads/n.csv", state: "arrived", sha256: sha256("m\n") });
  expect(await gateway.waiting(acme)).not.toContain("/spring/Uploads/m.csv");
  expect((await sftp("rm /spring/Uploads/n.csv")).code).toBe(0);
  expect(await gateway.waiting(acme)).not.toContain("/spring/Uploads/n.csv");
  expect((await sftp("ls /spring/Uploads")).output).not.toMatch(/[mn]\.csv/);
});

test("WinSCP's way: a .filepart is no arrival, its rename is", async () => {
  await gateway.file("w.csv", "w\n");
  expect((await sftp("put w.csv /spring/Uploads/w.csv.filepart")).code).toBe(0);
  expect((await gateway.arrivals(acme)).some(({ path }) => path.includes("w.csv"))).toBe(false);
  expect((await sftp("rename /spring/Uploads/w.csv.filepart /spring/Uploads/w.csv")).code).toBe(0);
  expect((await gateway.arrivals(acme)).at(-1)).toMatchObject({ path: "/spring/Uploads/w.csv", sizeBytes: 2 });
});

test("Downloads can be read and deleted, and not written", async () => {
  await sftp("ls /spring/Downloads");
  await writeFile(acme.onDisk("/spring/Downloads/PURL_a.csv"), "result\n");
  await writeFile(acme.onDisk("/spring/Downloads/.PURL_b.csv.1"), "not yet\n");
  const listed = await sftp("ls -la /spring/Downloads", "get /spring/Downloads/PURL_a.csv result.csv");
  expect(listed.output).toContain("PURL_a.csv");
  expect(listed.output).not.toContain("PURL_b");
  expect(await readFile(join(gateway.work, "result.csv"), "utf8")).toBe("result\n");
  expect(await gateway.audit("acme")).toContain("download ok /spring/Downloads/PURL_a.csv");
  expect((await sftp("put a.csv /spring/Downloads/a.csv")).code).not.toBe(0);
  expect((await sftp("put a.csv /spring/Downloads/PURL_a.csv")).code).not.toBe(0);
  expect((await sftp("rename /spring/Downloads/PURL_a.csv /spring/Downloads/x.csv")).code).not.toBe(0);
  expect((await sftp("rename /spring/Downloads/PURL_a.csv /spring/Uploads/x.csv")).code).not.toBe(0);
  expect((await sftp("get /spring/Downloads/.PURL_b.csv.1 early.csv")).code).not.toBe(0);
  expect((await sftp("rm /spring/Downloads/PURL_a.csv")).code).toBe(0);
  expect(await gateway.audit("acme")).toContain("delete ok /spring/Downloads/PURL_a.csv");
  expect((await sftp("ls /spring/Downloads")).output).not.toContain("PURL_a.csv");
});

test.each([["-c aes256-gcm@openssh.com"], ["-c aes128-gcm@openssh.com"], ["-c aes256-ctr"]])(
  "an upload with %s",
  async (option) => {
    const [, cipher = ""] = option.split(" ");
    const { code } = await gateway.sftp(acme, ["put a.csv /spring/Uploads/cipher.csv"], {
      settings: { Ciphers: cipher },
    });
    expect(code).toBe(0);
  },
);

test.each([
  ["Ciphers", "aes128-cbc"],
  ["KexAlgorithms", "diffie-hellman-group14-sha1"],
  ["MACs", "hmac-sha1-etm@openssh.com"],
  ["MACs", "hmac-sha2-256"],
  ["HostKeyAlgorithms", "ssh-rsa"],
])("%s %s is not offered", async (setting, algorithm) => {
  // GCM has no MAC of its own to agree on.
  const settings = { Ciphers: "aes256-ctr", [setting]: algorithm };
  const { code, output } = await gateway.sftp(acme, ["ls"], { settings });
  expect(code).not.toBe(0);
  expect(output).toMatch(/no matching|Unable to negotiate|Connection closed/);
});

test("a shell, a command and a tunnel are refused", async () => {
  const options = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes"];
  const target = ["-i", acme.keyFile, "-p", `${gateway.port}`, "acme@127.0.0.1"];
  expect((await run(ssh.command, [...options, ...target, "id"])).output).toMatch(/request failed/);
  expect((await run(ssh.command, [...options, "-T", ...target])).output).toMatch(/request failed/);
  const tunnel = await run(ssh.command, [
    ...options,
    "-o",
    "ExitOnForwardFailure=yes",
    "-W",
    `127.0.0.1:${gateway.port}`,
    ...target,
  ]);
  expect(tunnel.output).toMatch(/prohibited|forwarding failed/);
});

test("the host key stays when the gateway starts anew, and its fingerprint is in the log", async () => {
  const knownHosts = join(gateway.work, "known_hosts");
  const pinning = { settings: { StrictHostKeyChecking: "accept-new", UserKnownHostsFile: `"${knownHosts}"` } };
  expect((await gateway.sftp(acme, ["ls"], pinning)).code).toBe(0);
  const process = gateway.stack.process("sftp-gateway");
  await process.stop();
  await process.start();
  const strict = { settings: { StrictHostKeyChecking: "yes", UserKnownHostsFile: `"${knownHosts}"` } };
  expect((await gateway.sftp(acme, ["ls"], strict)).code).toBe(0);
  const { command, env } = await requireDebianTool("ssh-keygen");
  const [, fingerprint = "none"] = (await run(command, ["-lf", knownHosts], { env })).output.split(" ");
  expect(fingerprint).toMatch(/^SHA256:/);
  expect(gateway.stack.recentLines("sftp-gateway").join()).toContain(fingerprint);
});
