import { lookup } from "node:dns/promises";
import { BlockList, isIPv6 } from "node:net";
import { Misconfigured } from "@inlet/contracts";

/** An address that a name stands for. */
export interface ResolvedAddress {
  address: string;
  family: 4 | 6;
}

/** Decides which addresses clients' servers may have. For every service that connects to one. */
export interface RemoteNetwork {
  /**
   * The addresses of a server that may be connected to: at least one.
   * @throws Misconfigured `remote_address_refused`, `remote_clear_text`
   * @throws what the system's resolver throws
   */
  addressesOf(server: { host: string; port: number }, options?: ApproachOptions): Promise<ResolvedAddress[]>;
}

interface ApproachOptions {
  /** For messages: what is spoken there. Default `sftp`. */
  protocol?: string;
  /** Nothing is encrypted there, not even the password: only addresses that the operator names are reached. */
  isClearText?: boolean;
}

interface RemoteNetworkOptions {
  /** Addresses and CIDRs that are reached although they are internal. */
  allowed: readonly string[];
  /** URLs of the hub's own servers. They are never reached, whatever is allowed. */
  own: readonly string[];
}

/**
 * Where no client's server can be: this machine, its link, and what stands in for other addresses (IANA's special-purpose
 * registries, RFC 6890). Private networks (RFC 1918, RFC 4193) are not among them: an ERP may well be there.
 */
const INTERNAL = [
  "0.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "192.0.0.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  // ::, ::1 and the IPv4-compatible addresses.
  "::/96",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
  // IPv4 inside IPv6: SIIT, NAT64, Teredo, 6to4. IPv4-mapped addresses count as IPv4 by themselves.
  "::ffff:0:0:0/96",
  "64:ff9b::/96",
  "64:ff9b:1::/48",
  "2001::/32",
  "2002::/16",
  // Metadata services of clouds that are not link-local: Alibaba, Azure, AWS, Google.
  "100.100.100.200",
  "168.63.129.16",
  "fd00:ec2::254",
  "fd20:ce::254",
];

/**
 * The rule for the servers that profiles and webhooks name: neither must make the hub talk to its own insides. Ask for each
 * connection anew, and connect to what is answered: a name may stand for another address the next time.
 */
export function openRemoteNetwork({ allowed, own }: RemoteNetworkOptions): RemoteNetwork {
  const internal = listOf(INTERNAL);
  const exceptions = listOf(allowed);
  const holds = (list: BlockList, { address, family }: ResolvedAddress) => list.check(address, familyName(family));
  return {
    async addressesOf(server, { protocol = "sftp", isClearText = false } = {}) {
      const found = await resolve(server.host);
      const forbidden = await addressesAtPort(own, server.port);
      const usable = found.filter(
        (each) => !holds(forbidden, each) && (holds(exceptions, each) || !holds(internal, each)),
      );
      const reached = isClearText ? usable.filter((each) => holds(exceptions, each)) : usable;
      if (reached.length > 0) return reached;
      const name = `${protocol}://${server.host}:${server.port}`;
      if (usable.length > 0) {
        throw new Misconfigured({
          code: "remote_clear_text",
          message: `${name} would be sent the password in clear. Set tls to implicit or starttls in the profile; or, where the way there is safe by itself, have the platform's operator allow the address (REMOTE_ALLOW).`,
        });
      }
      throw new Misconfigured({
        code: "remote_address_refused",
        context: { addresses: found.map(({ address }) => address) },
        message: `${name} is at ${found.map(({ address }) => address).join(", ")}: an address of this machine or its surroundings, where no client's server is looked for. Correct the profile; or, if it is right, have the platform's operator allow the address (REMOTE_ALLOW).`,
      });
    },
  };
}

/** The hub's own servers that answer at a port. While one's name cannot be resolved, nothing is reached at its port. */
async function addressesAtPort(urls: readonly string[], port: number): Promise<BlockList> {
  const hosts = urls
    .map((url) => new URL(url))
    .filter((url) => Number(url.port || DEFAULT_PORTS[url.protocol]) === port)
    .flatMap((url) => url.hostname.replace(/^\[(.*)\]$/, "$1") || []);
  const found = await Promise.all(hosts.map(resolve));
  return listOf(found.flat().map(({ address }) => address));
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  "postgres:": 5432,
  "postgresql:": 5432,
  "redis:": 6379,
  "rediss:": 6379,
};

/** Zones (`fe80::1%eth0`) say which link; the rule is about the address. */
async function resolve(host: string): Promise<ResolvedAddress[]> {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => {
    const plain = address.replace(/%.*$/, "");
    return { address: plain, family: isIPv6(plain) ? 6 : 4 };
  });
}

const familyName = (family: 4 | 6) => (family === 6 ? "ipv6" : "ipv4");

function listOf(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address, bits] = entry.split("/");
    const family = isIPv6(address!) ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address!, family);
    else list.addSubnet(address!, Number(bits), family);
  }
  return list;
}
