import { randomBytes } from "node:crypto";
import { chown, mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import path from "node:path";
import { KeptProcess } from "./kept-process.ts";
import type { Server, ServerOptions } from "./postgres.ts";
import { serverEnv } from "./postgres-cluster.ts";
import { endLeftOvers } from "./processes.ts";
import { findRedis } from "./redis-binary.ts";
import { asServerUser, isRoot, serverUser } from "./server-user.ts";

/** A second SIGINT would end it at once, without a last sync; a second SIGTERM does nothing. */
const STOP_SIGNAL = "SIGTERM";
/** Reading an append-only file of some hundred MB takes a while. */
const READY_TIMEOUT_MS = 60_000;

/**
 * Prepares a private Redis; `process.start()` starts it.
 * It never evicts, for a queue must not lose keys. Its append-only file is synced once a second, not on every write:
 * Redis only carries what PostgreSQL holds, and the reconciler publishes again what the last second may cost, so a sync
 * for each job would buy nothing. A kill of the process loses nothing either way, only a fall of the machine does.
 */
export async function openRedis({ home, logFolder, guard, port, tell }: ServerOptions): Promise<Server> {
  const folder = path.join(home, "redis");
  await mkdir(folder, { recursive: true });
  if (isRoot()) await chown(folder, serverUser().uid, serverUser().gid);
  const binary = await findRedis(path.join(home, "bin"));
  const password = await passwordIn(home);
  const logFile = path.join(logFolder, "redis.log");
  const command = [...asServerUser("TERM"), binary.file, "-"];
  const server = {
    name: "redis",
    command: command[0] ?? "",
    args: command.slice(1),
    cwd: folder,
    env: { ...serverEnv(), ...binary.env },
    // On standard input, so that no process list shows the password.
    input: configuration({ folder, password, port }),
    logFile,
    stopSignal: STOP_SIGNAL,
  } as const;
  let logRead = await sizeOf(logFile);
  const process = new KeptProcess({
    name: "redis",
    launch: async () => {
      await endLeftOvers([folder], { patienceMs: 2_000 });
      if (await complainsAboutAppendOnlyFile(logFile, logRead)) await moveAppendOnlyFileAside(folder, tell);
      logRead = await sizeOf(logFile);
      return guard.start(server);
    },
    isReady: () => answersPing(port, password),
    stopSignal: STOP_SIGNAL,
    stopTimeoutMs: 15_000,
    readyTimeoutMs: READY_TIMEOUT_MS,
    tell,
  });
  return { process, url: `redis://:${password}@127.0.0.1:${port}`, port };
}

const configuration = ({ folder, password, port }: { folder: string; password: string; port: number }) => `
bind 127.0.0.1
port ${port}
requirepass ${password}
dir ${JSON.stringify(folder)}
daemonize no
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
`;

async function passwordIn(home: string): Promise<string> {
  const file = path.join(home, "redis-password");
  const existing = await readFile(file, "utf8").catch(() => "");
  if (existing !== "") return existing;
  const password = randomBytes(18).toString("base64url");
  await writeFile(file, password, { mode: 0o600 });
  return password;
}

/** A file that was cut off is loaded; one that is broken in the middle makes Redis give up, with words like these. */
async function complainsAboutAppendOnlyFile(logFile: string, from: number): Promise<boolean> {
  const log = (await readFile(logFile).catch(() => Buffer.alloc(0))).subarray(from).toString("utf8");
  return /Bad file format reading the append only file|Unrecoverable error reading the append only file|AOF.*(corrupt|invalid)/i.test(
    log,
  );
}

/** What it held is in PostgreSQL: the reconciler fills the queues again. */
async function moveAppendOnlyFileAside(folder: string, tell: (line: string) => void): Promise<void> {
  const aside = path.join(folder, `broken-${new Date().toISOString().replaceAll(":", "-")}`);
  await rename(path.join(folder, "appendonlydir"), aside);
  tell(`its append-only file is broken and was moved to ${aside}; the queues are filled again from PostgreSQL`);
}

function answersPing(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect({ host: "127.0.0.1", port }, () => socket.write(`AUTH ${password}\r\nPING\r\n`));
    const finish = (up: boolean) => {
      socket.destroy();
      resolve(up);
    };
    socket.setTimeout(1_000, () => finish(false));
    socket.on("error", () => finish(false));
    socket.on("end", () => finish(false));
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      if (answer.includes("+PONG")) finish(true);
      // -LOADING while the append-only file is read; -WRONGPASS from a stranger on our port.
      else if (answer.includes("\r\n-")) finish(false);
      else if (answer.startsWith("-")) finish(false);
    });
  });
}

const sizeOf = (file: string) =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );
