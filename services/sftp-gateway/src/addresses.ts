import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** An IPv4 address that is written as IPv6 (`::ffff:10.0.0.1`) counts as IPv4, everywhere. */
const MAPPED_PREFIX_BITS = 96;

/**
 * One spelling for each address: mapped IPv4 unwrapped, zone removed, IPv6 compressed.
 * @throws {Error} when it is no address
 */
export function normaliseAddress(address: string): string {
  return ipaddr.process(address.replace(/%.*$/, "")).toString();
}

/**
 * Whether a list of CIDRs (or single addresses) holds an address. An entry that cannot be read holds none, so that a list
 * with a mistake is closed, not open.
 */
export function listHolds(cidrs: readonly string[], address: string): boolean {
  const parsed = ipaddr.process(address);
  return cidrs.some((cidr) => cidrHolds(cidr, parsed));
}

function cidrHolds(cidr: string, address: Address): boolean {
  const range = parseCidr(cidr);
  return range !== undefined && range[0].kind() === address.kind() && address.match(range);
}

function parseCidr(text: string): [Address, number] | undefined {
  try {
    const trimmed = text.trim();
    const [base, bits] = trimmed.includes("/") ? ipaddr.parseCIDR(trimmed) : [ipaddr.parse(trimmed), undefined];
    if (base instanceof ipaddr.IPv6 && base.isIPv4MappedAddress()) {
      if (bits !== undefined && bits < MAPPED_PREFIX_BITS) return undefined;
      return [base.toIPv4Address(), (bits ?? 128) - MAPPED_PREFIX_BITS];
    }
    return [base, bits ?? (base.kind() === "ipv4" ? 32 : 128)];
  } catch {
    return undefined;
  }
}

/** The entries of a list that cannot be read, for the log. */
export const unreadableCidrs = (cidrs: readonly string[]): string[] => cidrs.filter((cidr) => !parseCidr(cidr));

/** Under what an address is scored. Whoever has one IPv6 address has the 2^64 of its network too. */
export function scoreKey(address: string): string {
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString()}/64`;
}
