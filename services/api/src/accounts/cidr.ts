import ipaddr from "ipaddr.js";

const MAPPED_PREFIX_BITS = 96;

/**
 * Reads an address range, or one address, into the form in which it is compared: the network's first address and its
 * length, IPv4 out of an IPv4-mapped IPv6 address.
 * @returns the range, or undefined when the text is none
 */
export function readCidr(text: string): string | undefined {
  const [address = "", length, ...rest] = text.trim().split("/");
  // ipaddr.js also reads octal, short and decimal forms of IPv4, which mean different things elsewhere.
  const isPlain =
    ipaddr.IPv4.isValidFourPartDecimal(address) || (address.includes(":") && ipaddr.IPv6.isValid(address));
  if (!isPlain || address.includes("%") || rest.length > 0) return undefined;
  let parsed = ipaddr.parse(address);
  const most = parsed.kind() === "ipv4" ? 32 : 128;
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined;
  let bits = length === undefined ? most : Number(length);
  if (bits > most) return undefined;
  if (parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress()) {
    if (bits < MAPPED_PREFIX_BITS) return undefined;
    parsed = parsed.toIPv4Address();
    bits -= MAPPED_PREFIX_BITS;
  }
  return `${network(parsed.toByteArray(), bits)}/${bits}`;
}

/** Whether one of these ranges holds an address. Null, an address that is not known, is in none. */
export function isWithin(address: string | null, cidrs: readonly string[]): boolean {
  return cidrs.map(readCidr).some((range) => {
    return range !== undefined && readCidr(`${address}/${range.split("/")[1]}`) === range;
  });
}

/** The first address of a range. */
function network(bytes: number[], bits: number): string {
  const masked = bytes.map((byte, index) => byte & (0xff << Math.max(0, 8 - Math.max(0, bits - index * 8))));
  return ipaddr.fromByteArray(masked.map((byte) => byte & 0xff)).toString();
}
