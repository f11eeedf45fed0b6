import { createSecureContext, getCACertificates } from "node:tls";
import type { RemoteNetwork } from "@inlet/remote-network";
import { Agent, buildConnector } from "undici";

/** Until a connection stands, its TLS handshake included; and, before that, until a name is resolved. */
const CONNECT_TIMEOUT_MS = 5_000;

interface GuardedAgentOptions {
  /**
   * How long a connection serves, from when it stands; idle or not. Default 0: one request each.
   *
   * Keeping it is safe as far as addresses go: it leads to where it led when it was checked, whatever its name stands for by now.
   * What can change is the rule, when the hub's own servers move to an address that a client's server had; so it is short.
   */
  keepMs?: number;
  /** Certificates, PEM, that are trusted besides those that everybody trusts. */
  tlsCa?: string;
  /** Until a connection stands. Default 5 s. */
  connectTimeoutMs?: number;
}

/**
 * Makes connections to addresses that were checked for this very connection, and to no others. A name that stood for a public
 * address a moment ago may stand for one of ours now.
 */
export function openGuardedAgent(
  network: RemoteNetwork,
  { keepMs = 0, tlsCa, connectTimeoutMs = CONNECT_TIMEOUT_MS }: GuardedAgentOptions = {},
): Agent {
  const secureContext =
    tlsCa === undefined ? undefined : createSecureContext({ ca: [...getCACertificates("default"), tlsCa] });
  return new Agent({
    // 0: no connection is kept. 1: one request after the other.
    pipelining: keepMs === 0 ? 0 : 1,
    ...(keepMs === 0 ? {} : { clientTtl: keepMs, keepAliveTimeout: keepMs, keepAliveMaxTimeout: keepMs }),
    allowH2: false,
    connect(options, callback) {
      const { hostname, protocol } = options;
      const port = Number(options.port) || (protocol === "https:" ? 443 : 80);
      const approach = { protocol: protocol.replace(":", ""), isClearText: protocol !== "https:" };
      network.addressesOf({ host: hostname, port }, approach).then(
        (addresses) => {
          const connect = buildConnector({
            timeout: connectTimeoutMs,
            allowH2: false,
            // Said, so that NODE_TLS_REJECT_UNAUTHORIZED of the environment switches nothing off.
            rejectUnauthorized: true,
            ...(secureContext && { secureContext }),
            // Asked for every host but an address, which is its own and was checked.
            lookup: (_host, { all }, found) =>
              all ? found(null, [...addresses]) : found(null, addresses[0]!.address, addresses[0]!.family),
          });
          connect(options, callback);
        },
        (error: Error) => callback(error, null),
      );
    },
  });
}
