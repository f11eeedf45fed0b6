import { type ConnectedSystem, connectorOf, openConnector } from "@inlet/connectors";
import type { Pull, System } from "@inlet/contracts";
import type { ClaimedPull, Database } from "@inlet/database";
import { readClientSecret } from "@inlet/pipeline";
import { openRemoteHttp, openSharedSystem, type RemoteHttp } from "@inlet/remote-http";
import type { RemoteNetwork } from "@inlet/remote-network";
import type { Logger } from "@inlet/runtime";

/** What reaching systems needs. */
export interface SystemParts {
  database: Database;
  keyEncryptionKey: Buffer;
  network: RemoteNetwork;
  /** Before the first retry of a request. */
  requestRetryMs: number;
  /** Of an answer, unpacked. */
  pageBytes: number;
}

/** Connects pulls with their systems. */
export interface Systems {
  open(system: System, pull: ClaimedPull, logger: Logger): ConnectedSystem;
  close(): Promise<void>;
}

/**
 * Opens the way to the systems that profiles name. Pulls of one system in one process share its connections, its places and what
 * they learn of its health; what all processes share is in PostgreSQL.
 */
export function openSystems({ database, keyEncryptionKey, network, requestRetryMs, pageBytes }: SystemParts): Systems {
  const shared = new Map<string, { http: RemoteHttp; users: number }>();

  function share(system: System, systemKey: string): { http: RemoteHttp; release(): Promise<void> } {
    const { tls, timeoutSeconds, concurrency } = system;
    const name = JSON.stringify([systemKey, tls.ca ?? null, timeoutSeconds, concurrency]);
    const known = shared.get(name);
    const entry = known ?? { http: openShared(system), users: 0 };
    shared.set(name, entry);
    entry.users += 1;
    return {
      http: { request: (request) => entry.http.request(request), close: async () => {} },
      async release() {
        entry.users -= 1;
        if (entry.users > 0) return;
        shared.delete(name);
        await entry.http.close();
      },
    };
  }

  function openShared({ url, tls, timeoutSeconds, concurrency }: System): RemoteHttp {
    const http = openRemoteHttp({
      ...{ network, timeoutMs: timeoutSeconds * 1000, maxBytes: pageBytes },
      ...(tls.ca !== undefined && { tlsCa: tls.ca }),
    });
    return openSharedSystem(http, { name: new URL(url).origin, concurrency });
  }

  return {
    open(system, { clientId, client, systemKey }, logger) {
      const { http, release } = share(system, systemKey);
      const connected = openConnector(system, {
        http,
        secret: async (name) =>
          (await readClientSecret(database, keyEncryptionKey, { clientId, client, name })).toString("utf8"),
        retries: { firstWaitMs: requestRetryMs },
        onRetry: (fact) => logger.warn(fact, "a request failed; it is made again"),
      });
      return {
        ...connected,
        async close() {
          await connected.close();
          await release();
        },
      };
    },
    async close() {
      await Promise.all([...shared.values()].map(({ http }) => http.close()));
      shared.clear();
    },
  };
}

/** Whether a pull that was broken off may go on in its middle. */
export const canResume = (system: System, pull: Pull): boolean => connectorOf(system).resumes(pull);
