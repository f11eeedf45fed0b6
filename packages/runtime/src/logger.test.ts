import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";

const LOGGER = new URL("./logger.ts", import.meta.url).href;

it("a service whose output nobody reads any more can still log, and end", async () => {
  const program = `
    const { createLogger } = await import(${JSON.stringify(LOGGER)});
    const logger = createLogger("probe", "info");
    process.on("disconnect", () => {
      logger.info("stopping");
      logger.info("stopped");
      process.exit(0);
    });
    process.send("ready");
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  await once(child, "message");
  child.stdout?.destroy();
  const closed = once(child, "exit");
  child.disconnect();
  const [code] = await Promise.race([closed, once(AbortSignal.timeout(10_000), "abort").then(() => ["still there"])]);
  child.kill("SIGKILL");
  expect(code).toBe(0);
});
