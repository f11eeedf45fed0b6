import type { RemoteNetwork } from "@inlet/remote-network";
import { Agent, buildConnector } from "undici";

/** Until a connection stands, its TLS handshake included; and, before that, until a name is resolved. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Makes connections to addresses that were checked for this very connection, and to no others; each serves one request. A name
 * that stood for a public address a moment ago may stand for one of ours now.
 */
export function openGuardedAgent(network: RemoteNetwork): Agent {
  return new Agent({
    // No connection is kept: a later request would go to an address that was checked long before.
    pipelining: 0,
    allowH2: false,
    connect(options, callback) {
      const { hostname, protocol } = options;
      const port = Number(options.port) || (protocol === "https:" ? 443 : 80);
      const approach = { protocol: protocol.replace(":", ""), isClearText: protocol !== "https:" };
      network.addressesOf({ host: hostname, port }, approach).then(
        (addresses) => {
          const connect = buildConnector({
            timeout: CONNECT_TIMEOUT_MS,
            allowH2: false,
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
