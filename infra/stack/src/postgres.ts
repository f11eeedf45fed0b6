import path from "node:path";
import type { Guard } from "./guard.ts";
import { KeptProcess } from "./kept-process.ts";
import { preparePostgresBinaries } from "./postgres-binaries.ts";
import {
  isClusterReady,
  openCluster,
  POSTGRES_DATABASE,
  POSTGRES_USER,
  removeStalePidFile,
  serverEnv,
} from "./postgres-cluster.ts";
import { endLeftOvers } from "./processes.ts";
import { asServerUser } from "./server-user.ts";

/** A PostgreSQL or a Redis of the stack. */
export type Server = { process: KeptProcess; url: string; port: number };

/** What the servers of a stack share. `home` is the real path of the folder with their data. */
export type ServerOptions = {
  home: string;
  logFolder: string;
  guard: Guard;
  temporary: boolean;
  /** False: what is written is the system's to keep, and is not waited for until it is on the disk. */
  durable: boolean;
  port: number;
  tell: (line: string) => void;
};

/** Fast shutdown. SIGTERM waits for the clients to leave, and a pool never does. */
const STOP_SIGNAL = "SIGINT";
/** Redo after a kill in the middle of heavy work took up to 15 s. */
const READY_TIMEOUT_MS = 60_000;
/** A backend that is busy when its postmaster is killed went on for over 20 s and blocked the restart. */
const BACKEND_PATIENCE_MS = 300;

/** Prepares a PostgreSQL 18 with the database `inlet`; `process.start()` starts it. */
export async function openPostgres({
  home,
  logFolder,
  guard,
  temporary,
  durable,
  port,
  tell,
}: ServerOptions): Promise<Server> {
  const binaries = await preparePostgresBinaries();
  const cluster = await openCluster(binaries, home, temporary);
  const settings = {
    ...{ listen_addresses: "127.0.0.1", timezone: "UTC", max_connections: 200, log_timezone: "UTC" },
    // A kill loses nothing by it, only a fall of the machine would.
    ...(!durable && { fsync: "off" }),
  };
  const command = [
    ...asServerUser("INT"),
    ...[binaries.postgres, "-D", cluster.folder, "-p", `${port}`, "-k", ""],
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
  const server = {
    name: "postgres",
    command: command[0] ?? "",
    args: command.slice(1),
    cwd: cluster.folder,
    env: serverEnv(),
    input: "",
    logFile: path.join(logFolder, "postgres.log"),
    stopSignal: STOP_SIGNAL,
  } as const;
  const process = new KeptProcess({
    name: "postgres",
    launch: async () => {
      await endLeftOvers([cluster.folder], { patienceMs: BACKEND_PATIENCE_MS });
      await removeStalePidFile(cluster);
      return guard.start(server);
    },
    isReady: (pid) => isClusterReady(cluster, pid),
    stopSignal: STOP_SIGNAL,
    stopTimeoutMs: 30_000,
    readyTimeoutMs: READY_TIMEOUT_MS,
    tell,
  });
  const url = `postgres://${POSTGRES_USER}:${cluster.password}@127.0.0.1:${port}/${POSTGRES_DATABASE}`;
  return { process, url, port };
}
