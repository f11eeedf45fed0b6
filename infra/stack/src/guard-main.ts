// The parent of PostgreSQL and Redis. It outlives a killed supervisor for as long as the services, which drain when
// they lose the supervisor, still need their servers; then it stops them. When it is killed itself, the kernel
// interrupts the servers (setpriv --pdeathsig).
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { GuardReport, GuardRequest, ServerCommand } from "./guard-messages.ts";
import { isAlive, sendSignal } from "./processes.ts";

/** A service gives itself 25 s to stop; this is that and some. */
const CLIENTS_DEADLINE_MS = 30_000;
/** A fast shutdown took 15–370 ms; a checkpoint on a slow disk takes longer. */
const SERVERS_DEADLINE_MS = 30_000;

const servers = new Map<ChildProcess, NodeJS.Signals>();
let clients: string[] = [];
let ending = false;

process.on("message", (request: GuardRequest) => {
  if (request.do === "clients") clients = request.identities;
  else start(request.id, request.server);
});
process.on("disconnect", () => void end());
process.on("SIGTERM", () => void end());
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});

function start(id: number, { command, args, cwd, env, input, logFile, stopSignal }: ServerCommand): void {
  let log: number | undefined;
  try {
    log = openSync(logFile, "a", 0o600);
    const child = spawn(command, args, { cwd, env, stdio: ["pipe", log, log], detached: true });
    child.once("error", (error) => report({ id, failed: error.message }));
    child.once("spawn", () => {
      servers.set(child, stopSignal);
      report({ id, started: child.pid ?? 0 });
    });
    child.once("exit", (code, signal) => {
      servers.delete(child);
      report({ ended: child.pid ?? 0, code, signal });
    });
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  } catch (error) {
    report({ id, failed: (error as Error).message });
  } finally {
    if (log !== undefined) closeSync(log);
  }
}

function report(message: GuardReport): void {
  if (process.connected) process.send?.(message, undefined, {}, () => {});
}

async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  const clientsGone = await until(() => !clients.some(isAlive), CLIENTS_DEADLINE_MS);
  if (!clientsGone)
    for (const client of clients) if (isAlive(client)) sendSignal(Number.parseInt(client, 10), "SIGKILL");
  for (const [server, signal] of servers) server.kill(signal);
  const serversGone = await until(() => servers.size === 0, SERVERS_DEADLINE_MS);
  if (!serversGone) for (const server of servers.keys()) server.kill("SIGKILL");
  process.exit(0);
}

async function until(done: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (!done()) {
    if (Date.now() > deadline) return false;
    await pause(20);
  }
  return true;
}
