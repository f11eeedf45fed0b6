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

  test("put finds the file also when it was claimed at once, and when its batch has ended already", async () => {
    // What the watcher does, done by the database itself in the very moment of the arrival.
    await gateway.database.pool.query(`
      CREATE FUNCTION claim_at_once() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE run bigint;
      BEGIN
        IF NEW.file_name = 'claimed.csv' THEN NEW.state := 'claimed'; END IF;
        RETURN NEW;
      END $$;
      CREATE FUNCTION batch_at_once() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE run bigint;
      BEGIN
        IF NEW.file_name <> 'ended.csv' THEN RETURN NULL; END IF;
        UPDATE arrivals SET state = 'batched' WHERE id = NEW.id;
        INSERT INTO runs (project_id, key) VALUES (NEW.project_id, 'file:' || NEW.id) RETURNING id INTO run;
        INSERT INTO batches (client_id, project_id, profile_version, run_id, arrival_id, account_id, source, file_name,
          size_bytes, sha256, status, ended_at)
        SELECT client_id, id, profile_version, run, NEW.id, NEW.account_id, 'gateway', NEW.file_name, NEW.size_bytes,
          '\\x00', 'rejected', now() FROM projects WHERE id = NEW.project_id;
        RETURN NULL;
      END $$;
      CREATE TRIGGER claim_at_once BEFORE INSERT ON arrivals FOR EACH ROW EXECUTE FUNCTION claim_at_once();
      CREATE TRIGGER batch_at_once AFTER INSERT ON arrivals FOR EACH ROW EXECUTE FUNCTION batch_at_once();
    `);
    for (const name of ["claimed.csv", "ended.csv"]) {
      expect(await python(`print(s.put("a.csv", "/spring/Uploads/${name}").st_size)`)).toBe("8\n");
    }
    const states = (await gateway.arrivals(acme)).map(({ fileName, state }) => `${fileName} ${state}`);
    expect(states).toContain("claimed.csv claimed");
    expect(states).toContain("ended.csv batched");
    expect(projectId).toBeGreaterThan(0);
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
    expect(output).toBe(
      "2560000 1000000000\n/ ['Downloads', 'Uploads']\n".replace(
        "['Downloads', 'Uploads']",
        "['Uploads', 'Downloads']",
      ),
    );
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
