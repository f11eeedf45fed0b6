import { randomBytes } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type DebianTool, debianTool } from "@inlet/stack";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run, sha256, type TestAccount, TestGateway } from "./gateway.ts";

const lftp = await debianTool("lftp");

describe.skipIf(!lftp)("lftp", () => {
  let gateway: TestGateway;
  let acme: TestAccount;

  beforeAll(async () => {
    gateway = await TestGateway.open();
    await gateway.project();
    acme = await gateway.account("acme");
  });
  afterAll(() => gateway.stop());

  /** Runs lftp with its own password prompt answered. */
  async function script(...commands: string[]) {
    const { command, env } = lftp as DebianTool;
    const ssh = "ssh -a -x -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR";
    const lines = [
      "set sftp:auto-confirm yes",
      "set net:max-retries 2",
      "set net:timeout 20",
      "set cmd:fail-exit yes",
      `set sftp:connect-program "${ssh} -o PreferredAuthentications=password -o PubkeyAuthentication=no"`,
      `open -u acme,"${acme.password}" -p ${gateway.port} sftp://127.0.0.1`,
      ...commands,
    ];
    return await run(command, ["-f", await gateway.file("script.lftp", `${lines.join("\n")}\n`)], {
      env,
      cwd: gateway.work,
    });
  }

  test("put, list, rename and remove", async () => {
    await gateway.file("a.csv", "a\n");
    const { code, output } = await script(
      "cd /spring/Uploads",
      "put a.csv",
      "put a.csv -o b.csv",
      "mv b.csv c.csv",
      "cls -l",
      "rm a.csv",
      "get c.csv -o back.csv",
    );
    expect(output).toMatch(/ 2 .*a\.csv[\s\S]* 2 .*c\.csv/);
    expect(code).toBe(0);
    expect(await gateway.waiting(acme)).toEqual(["/spring/Uploads/c.csv"]);
    expect(await readFile(join(gateway.work, "back.csv"), "utf8")).toBe("a\n");
  });

  test("put -c resumes a part", async () => {
    const bytes = randomBytes(2_500_000);
    await gateway.file("resumed.csv", bytes);
    const lost = await gateway.connect(acme);
    const handle = await lost.open("/spring/Uploads/resumed.csv", "w");
    for (let at = 0; at < 600_000; at += 30_000) await lost.write(handle, bytes.subarray(at, at + 30_000), at);
    lost.vanish();
    await gateway.waitFor("the upload to be given up", async () =>
      (await gateway.audit("acme")).some((line) => line.startsWith("upload partial")),
    );
    const { code, output } = await script("cd /spring/Uploads", "put -c resumed.csv");
    expect(output).toBe("");
    expect(code).toBe(0);
    const arrival = (await gateway.arrivals(acme)).at(-1);
    expect(arrival).toMatchObject({ fileName: "resumed.csv", sizeBytes: bytes.length, generation: 1 });
    expect(sha256(await readFile(acme.onDisk("/spring/Uploads/resumed.csv")))).toBe(sha256(bytes));
  });

  test("mirror -R sends a folder, also with temporary names", async () => {
    await mkdir(join(gateway.work, "many"));
    for (let n = 1; n <= 5; n++) await gateway.file(`many/m${n}.csv`, `m${n}\n`);
    const { code } = await script("set xfer:use-temp-file yes", "mirror -R --parallel=3 many /spring/Uploads");
    expect(code).toBe(0);
    const names = (await gateway.waiting(acme)).filter((path) => path.includes("/m"));
    expect(names.sort()).toEqual([1, 2, 3, 4, 5].map((n) => `/spring/Uploads/m${n}.csv`));
    const all = (await gateway.arrivals(acme)).map(({ fileName }) => fileName);
    expect(all.filter((name) => name.startsWith("."))).toEqual([]);
  });
});
