import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type DebianTool, debianTool } from "@inlet/stack";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run, type TestAccount, TestGateway } from "./gateway.ts";

const paramiko = await debianTool("paramiko");

/** Connects and gives the test its SFTPClient `s`; what the test prints is its result. */
const PRELUDE = `
import os, sys, paramiko
c = paramiko.SSHClient()
c.set_missing_host_key_policy(paramiko.AutoAddPolicy())
c.connect("127.0.0.1", port=int(os.environ["PORT"]), username="acme", password=os.environ["PASSWORD"],
          look_for_keys=False, allow_agent=False)
s = c.open_sftp()
`;

describe.skipIf(!paramiko)("paramiko", () => {
  let gateway: TestGateway;
  let acme: TestAccount;
  let projectId: number;

  beforeAll(async () => {
    gateway = await TestGateway.open();
    projectId = await gateway.project();
    acme = await gateway.account("acme");
    await gateway.file("a.csv", "a,b\n1,2\n");
  });
  afterAll(() => gateway.stop());

  async function python(program: string) {
    const { command, env } = paramiko as DebianTool;
    const own = { ...env, PORT: `${gateway.port}`, PASSWORD: acme.password };
    const file = await gateway.file("program.py", `${PRELUDE}\n${program}\nc.close()\n`);
    const { code, output } = await run(command, ["-W", "ignore", file], { env: own, cwd: gateway.work });
    expect(output).not.toContain("Traceback");
    expect(code).toBe(0);
    return output;
  }

  test("put looks at the file afterwards and finds it", async () => {
    expect(await python('print(s.put("a.csv", "/spring/Uploads/a.csv").st_size)')).toBe("8\n");
    expect(await gateway.waiting(acme)).toContain("/spring/Uploads/a.csv");
  });

  test("a look after put finds the file also when it was claimed, and when its batch has ended already", async () => {
    // The client waits after its CLOSE until the watcher and the hub have done their work.
    const looking = python(`
import time
s.put("a.csv", "/spring/Uploads/b.csv", confirm=False)
for moment in ("claimed", "ended"):
    while not os.path.exists(moment): time.sleep(0.01)
    print(s.stat("/spring/Uploads/b.csv").st_size)
    open(moment + ".seen", "w").close()
`);
    await gateway.waitFor("the arrival", async () => (await gateway.waiting(acme)).includes("/spring/Uploads/b.csv"));
    const { pool } = gateway.database;
    await pool.query("UPDATE arrivals SET state = 'claimed' WHERE file_name = 'b.csv'");
    await rm(acme.onDisk("/spring/Uploads/b.csv"));
    await gateway.file("claimed", "");
    await gateway.waitFor("the look", async () => existsSync(join(gateway.work, "claimed.seen")));
    await pool.query(
      `WITH batched AS (UPDATE arrivals SET state = 'batched' WHERE file_name = 'b.csv' RETURNING *),
       run AS (INSERT INTO runs (project_id, key) VALUES ($1, 'b.csv') RETURNING id)
       INSERT INTO batches (client_id, project_id, profile_version, run_id, arrival_id, account_id, source, file_name,
         size_bytes, sha256, status, ended_at)
       SELECT p.client_id, p.id, p.profile_version, run.id, a.id, a.account_id, 'gateway', a.file_name, a.size_bytes,
         '\\x00', 'rejected', now()
       FROM batched a JOIN projects p ON p.id = a.project_id, run`,
      [projectId],
    );
    await gateway.file("ended", "");
    expect(await looking).toBe("8\n8\n");
  });

  test("pipelined writes, utime, chmod and truncate", async () => {
    const output = await python(`
f = s.open("/spring/Uploads/p.csv.part", "w"); f.set_pipelined(True)
for i in range(64): f.write(b"0123456789" * 4000)
f.close()
s.rename("/spring/Uploads/p.csv.part", "/spring/Uploads/p.csv")
s.utime("/spring/Uploads/p.csv", (1000000000, 1000000000)); s.chmod("/spring/Uploads/p.csv", 0o600)
print(s.stat("/spring/Uploads/p.csv").st_size, s.stat("/spring/Uploads/p.csv").st_mtime)
print(s.normalize("."), s.listdir("/spring"))
`);
    expect(output).toBe("2560000 1000000000\n/ ['Uploads', 'Downloads']\n");
    expect(await gateway.waiting(acme)).toContain("/spring/Uploads/p.csv");
    await python('s.truncate("/spring/Uploads/p.csv", 10)');
    // Cut, it is not what was said to be complete.
    expect(await gateway.waiting(acme)).not.toContain("/spring/Uploads/p.csv");
  });

  test("RENAME onto a file that has arrived fails, posix-rename replaces it", async () => {
    const output = await python(`
s.put("a.csv", "/spring/Uploads/x.csv")
s.put("program.py", "/spring/Uploads/y.csv.tmp")
try: s.rename("/spring/Uploads/y.csv.tmp", "/spring/Uploads/x.csv")
except IOError as e: print("refused", s.stat("/spring/Uploads/x.csv").st_size)
s.posix_rename("/spring/Uploads/y.csv.tmp", "/spring/Uploads/x.csv")
print(s.stat("/spring/Uploads/x.csv").st_size == os.stat("program.py").st_size)
`);
    expect(output).toBe("refused 8\nTrue\n");
    const generations = (await gateway.arrivals(acme)).filter(({ fileName }) => fileName === "x.csv");
    expect(generations.map(({ generation, state }) => `${generation} ${state}`)).toEqual(["1 withdrawn", "2 arrived"]);
  });
});
