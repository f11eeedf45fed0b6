import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { GuardReport, GuardRequest, ServerCommand } from "./guard-messages.ts";
import type { Ending, Running } from "./kept-process.ts";

/** Starts servers as children of a process of their own, see guard-main.ts. A guard that died is replaced on the next start. */
export type Guard = {
  start: (server: ServerCommand) => Promise<Running>;
  /** Tells who must have ended before the servers may: identities, for the case that this process is killed. */
  setClients: (identities: string[]) => void;
  pid: () => number | undefined;
  /** Call when the servers have been stopped. */
  close: () => Promise<void>;
};

/**
 * @param runFolder the working folder of the guard; a left-over one is found by it
 */
export function openGuard(runFolder: string): Guard {
  let current: GuardProcess | undefined;
  let clients: string[] = [];
  const live = () => {
    if (current?.isUp()) return current;
    current = startGuard(runFolder);
    current.send({ do: "clients", identities: clients });
    return current;
  };
  return {
    start: (server) => live().start(server),
    setClients: (identities) => {
      clients = identities;
      if (current?.isUp()) current.send({ do: "clients", identities });
    },
    pid: () => current?.child.pid,
    close: async () => {
      await current?.close();
    },
  };
}

type GuardProcess = ReturnType<typeof startGuard>;

function startGuard(runFolder: string) {
  mkdirSync(runFolder, { recursive: true });
  const main = fileURLToPath(new URL("./guard-main.ts", import.meta.url));
  const child = fork(main, {
    cwd: runFolder,
    detached: true,
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const answers = new Map<number, { resolve: (running: Running) => void; reject: (error: Error) => void }>();
  const endings = new Map<number, (ending: Ending) => void>();
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let lastId = 0;

  child.on("message", (report: GuardReport) => {
    if ("started" in report) answers.get(report.id)?.resolve(follow(report.started));
    else if ("failed" in report) answers.get(report.id)?.reject(new Error(report.failed));
    else endings.get(report.ended)?.({ code: report.code, signal: report.signal });
  });
  child.on("error", () => {});
  child.once("exit", () => {
    for (const { reject } of answers.values()) reject(new Error("the guard of the servers was killed"));
    // The kernel has interrupted them; the next start makes sure that they are gone.
    for (const end of endings.values()) end({ code: null, signal: "SIGINT" });
  });

  const send = (request: GuardRequest) => void child.send(request, () => {});
  const start = async (server: ServerCommand): Promise<Running> => {
    const id = ++lastId;
    return new Promise<Running>((resolve, reject) => {
      answers.set(id, { resolve, reject });
      send({ id, do: "start", server });
    }).finally(() => answers.delete(id));
  };
  // At once, in the report's own turn: the report of a quick end may be the very next one.
  const follow = (pid: number): Running => ({
    pid,
    ended: new Promise<Ending>((resolve) => endings.set(pid, resolve)).finally(() => endings.delete(pid)),
  });
  const close = async () => {
    if (child.connected) child.disconnect();
    await gone;
  };
  return { child, start, send, close, isUp: () => child.connected && isRunning(child) };
}

const isRunning = (child: ChildProcess) => child.exitCode === null && child.signalCode === null;
