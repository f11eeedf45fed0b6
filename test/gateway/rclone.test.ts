import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DebianTool, debianTool } from "@inlet/stack";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run, sha256, type TestAccount, TestGateway } from "./gateway.ts";

const rclone = await debianTool("rclone");

describe.skipIf(!rclone)("rclone", () => {
  let gateway: TestGateway;
  let acme: TestAccount;

  beforeAll(async () => {
    gateway = await TestGateway.open();
    await gateway.project();
    acme = await gateway.account("acme");
  });
  afterAll(() => gateway.stop());

  async function command(...args: string[]) {
    const config = [
      "[gateway]",
      "type = sftp",
      "host = 127.0.0.1",
      `port = ${gateway.port}`,
      "user = acme",
      `key_file = ${acme.keyFile}`,
    ];
    const { command: program, env } = rclone as DebianTool;
    const options = ["--config", await gateway.file("rclone.conf", `${config.join("\n")}\n`), "--retries", "1"];
    return await run(program, [...options, ...args], { env, cwd: gateway.work });
  }

  test("copy sends many files at once, looks at each, and finds nothing to do the next time", async () => {
    const local = join(gateway.work, "outbox");
    await mkdir(local);
    for (let n = 1; n <= 12; n++) await writeFile(join(local, `r${n}.csv`), `row ${n}\n`);
    const big = randomBytes(20 * 2 ** 20);
    await writeFile(join(local, "big.csv"), big);
    const first = await command("copy", local, "gateway:/spring/Uploads", "-v");
    expect(first.output).toMatch(/Transferred: +13 \/ 13/);
    expect(first.code).toBe(0);
    const again = await command("copy", local, "gateway:/spring/Uploads", "-v");
    expect(again.output).toMatch(/nothing to transfer/);
    const arrivals = await gateway.arrivals(acme);
    expect(arrivals).toHaveLength(13);
    expect(arrivals.every(({ generation, state }) => generation === 1 && state === "arrived")).toBe(true);
    expect(sha256(await readFile(acme.onDisk("/spring/Uploads/big.csv")))).toBe(sha256(big));
  });

  test("moveto, deletefile, cat and lsf", async () => {
    expect((await command("moveto", "gateway:/spring/Uploads/r1.csv", "gateway:/spring/Uploads/s1.csv")).code).toBe(0);
    expect((await command("deletefile", "gateway:/spring/Uploads/r2.csv")).code).toBe(0);
    expect((await command("cat", "gateway:/spring/Uploads/s1.csv")).output).toBe("row 1\n");
    const { output } = await command("lsf", "gateway:/spring/Uploads");
    expect(output).toContain("s1.csv");
    expect(output).not.toMatch(/^r[12]\.csv/m);
    const waiting = await gateway.waiting(acme);
    expect(waiting).toContain("/spring/Uploads/s1.csv");
    expect(waiting).not.toContain("/spring/Uploads/r2.csv");
  });

  test("a changed file sent again is a new generation", async () => {
    await writeFile(join(gateway.work, "outbox/r3.csv"), "row 3, and more\n");
    expect((await command("copy", "outbox", "gateway:/spring/Uploads")).code).toBe(0);
    const generations = (await gateway.arrivals(acme)).filter(({ fileName }) => fileName === "r3.csv");
    expect(generations).toMatchObject([
      { generation: 1, state: "withdrawn" },
      { generation: 2, state: "arrived", sizeBytes: 16 },
    ]);
  });
});
