import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { collectDefaultMetrics, Registry } from "prom-client";

/** Whether a part of the service can do its work now; rejects with the reason when it cannot. */
export type ReadinessCheck = () => Promise<void>;

export interface Health {
  readonly port: number;
  readonly metrics: Registry;
  /** Adds a part that `/readyz` asks. */
  addCheck(name: string, check: ReadinessCheck): void;
  /** Answers one more path, such as `/domains`, with a status alone: for programs beside the service, never for strangers. */
  addQuestion(path: string, statusOf: (query: URLSearchParams) => Promise<number>): void;
  close(): Promise<void>;
}

/** A registry with the process's own figures. */
export function createMetrics(service: string): Registry {
  const metrics = new Registry();
  metrics.setDefaultLabels({ service });
  collectDefaultMetrics({ register: metrics });
  return metrics;
}

/** A part that does not answer within this time is not ready. */
const CHECK_TIMEOUT_MS = 3_000;

/** Asks every check at once. Resolves to the reasons of those that failed, by name. */
export async function failedChecks(checks: ReadonlyMap<string, ReadinessCheck>): Promise<Record<string, string>> {
  const failures: Record<string, string> = {};
  await Promise.all(
    [...checks].map(async ([name, check]) => {
      const timeout = AbortSignal.timeout(CHECK_TIMEOUT_MS);
      const timedOut = new Promise<never>((_, reject) => {
        timeout.addEventListener("abort", () => reject(new Error(`no answer within ${CHECK_TIMEOUT_MS} ms`)));
      });
      try {
        await Promise.race([check(), timedOut]);
      } catch (error) {
        failures[name] = error instanceof Error ? error.message : String(error);
      }
    }),
  );
  return failures;
}

/** Serves `/healthz` (the process lives), `/readyz` (it can work) and `/metrics` (Prometheus). */
export async function serveHealth({
  host,
  port,
  service,
}: {
  host: string;
  port: number;
  service: string;
}): Promise<Health> {
  const metrics = createMetrics(service);
  const checks = new Map<string, ReadinessCheck>();
  const questions = new Map<string, (query: URLSearchParams) => Promise<number>>();
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    try {
      if (request.url === "/healthz") return answer(200, { status: "alive" });
      if (request.url === "/readyz") {
        const failures = await failedChecks(checks);
        const ready = Object.keys(failures).length === 0;
        return answer(ready ? 200 : 503, ready ? { status: "ready" } : { status: "not ready", failures });
      }
      if (request.url === "/metrics") {
        response.writeHead(200, { "content-type": metrics.contentType }).end(await metrics.metrics());
        return;
      }
      const asked = URL.parse(request.url ?? "", "http://localhost");
      const statusOf = asked === null ? undefined : questions.get(asked.pathname);
      if (asked !== null && statusOf !== undefined) {
        response.writeHead(await statusOf(asked.searchParams)).end();
        return;
      }
      answer(404, { error: "not found" });
    } catch (error) {
      answer(500, { error: error instanceof Error ? error.message : "unknown" });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    metrics,
    addCheck: (name, check) => checks.set(name, check),
    addQuestion: (path, statusOf) => questions.set(path, statusOf),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
