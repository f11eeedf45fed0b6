import { join } from "node:path";
import { AppError } from "@inlet/contracts";
import { type Health, serveHealth } from "./health.ts";
import { LOG_FOLDER } from "./log-files/log-file-name.ts";
import { type LogFiles, openLogFiles } from "./log-files/log-files.ts";
import { createLogger, type Logger } from "./logger.ts";

/** Something that was opened and is to be closed in its turn. */
interface Closable {
  close(): Promise<void> | void;
}

export interface Service {
  readonly logger: Logger;
  readonly health: Health;
  /** Takes over a resource: it is closed at shutdown, the last one opened first. */
  use<T extends Closable>(resource: T | Promise<T>): Promise<T>;
}

/** Of a service's environment, what every service needs; those that keep log files say how much of them. */
interface ServiceEnv {
  LOG_LEVEL: string;
  HOST: string;
  HEALTH_PORT: number;
  INLET_DATA?: string;
  LOG_KEEP_DAYS?: number;
  LOG_KEEP_BYTES?: number;
}

function logFilesOf(service: string, { INLET_DATA, LOG_KEEP_DAYS, LOG_KEEP_BYTES }: ServiceEnv): LogFiles | undefined {
  if (!INLET_DATA || !LOG_KEEP_DAYS || !LOG_KEEP_BYTES) return undefined;
  return openLogFiles({
    folder: join(INLET_DATA, LOG_FOLDER),
    service,
    keepDays: LOG_KEEP_DAYS,
    keepBytes: LOG_KEEP_BYTES,
  });
}

/** After this time a shutdown is forced: leases and the reconciler make good what was cut off. */
const SHUTDOWN_DEADLINE_MS = 25_000;

/**
 * Starts a service: logger, health server, ordered shutdown. It ends on SIGTERM, SIGINT, or when its supervisor's IPC
 * channel closes; a second signal, or the deadline, forces it.
 */
export async function openService(name: string, env: ServiceEnv): Promise<Service> {
  const files = logFilesOf(name, env);
  const logger = createLogger(name, env.LOG_LEVEL, files);
  const resources: Closable[] = [];
  let stopping = false;

  async function stop(cause: string): Promise<void> {
    if (stopping) return;
    stopping = true;
    logger.info({ cause }, "stopping");
    setTimeout(() => {
      logger.error({ deadlineMs: SHUTDOWN_DEADLINE_MS }, "stop took too long; ending now");
      process.exit(1);
    }, SHUTDOWN_DEADLINE_MS).unref();
    for (const resource of resources.reverse()) {
      try {
        await resource.close();
      } catch (err) {
        logger.warn({ err }, "a part did not close cleanly");
      }
    }
    logger.info("stopped");
    await files?.close();
    process.exit(0);
  }

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1);
      void stop(signal);
    });
  }
  process.on("disconnect", () => void stop("supervisor gone"));
  process.on("uncaughtException", (err) => fail(logger, err));
  process.on("unhandledRejection", (err) => fail(logger, err));

  const health = await serveHealth({ host: env.HOST, port: env.HEALTH_PORT, service: name });
  // The health server opens first: until `main` is through, there may be parts that no check speaks for yet.
  health.addCheck("start", async () => {
    if (!startedUp) throw new Error("still starting");
  });
  resources.push(health);
  return {
    logger,
    health,
    async use(resource) {
      const opened = await resource;
      resources.push(opened);
      return opened;
    },
  };
}

/** A fault that nobody caught: the process's state is unknown, so it ends, and its supervisor starts it again. */
function fail(logger: Logger, err: unknown): never {
  logger.fatal({ err }, "unexpected error; the process ends");
  process.exit(70);
}

/** Whether this process's `main` is through. */
let startedUp = false;

/** Runs a service's main function; a set-up mistake is one line on stderr and exit code 78 (EX_CONFIG). */
export async function main(start: () => Promise<void>): Promise<void> {
  try {
    await start();
    startedUp = true;
  } catch (error) {
    if (error instanceof AppError) {
      process.stderr.write(`${error.message}\n`);
      process.exit(78);
    }
    throw error;
  }
}
