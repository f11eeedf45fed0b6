import { isIPv6 } from "node:net";
import { Lru } from "./lru.ts";

/**
 * How many links that lead nowhere an address may try before it has to wait. Only misses that cost a query are charged:
 * who opens real links, however many, never notices.
 */
export interface MissBudget {
  hasLeft(address: string, nowMs: number): boolean;
  charge(address: string, nowMs: number): void;
}

const BURST = 30;
const PER_SECOND = 1;
const MAX_ADDRESSES = 20_000;

/** A token bucket per address; addresses beyond the newest 20,000 are forgotten, which is to their good. */
export function createMissBudget(): MissBudget {
  const buckets = new Lru<string, { misses: number; atMs: number }>(MAX_ADDRESSES);

  function missesOf(address: string, nowMs: number): number {
    const bucket = buckets.get(subscriberOf(address));
    if (bucket === undefined) return 0;
    return Math.max(0, bucket.misses - ((nowMs - bucket.atMs) / 1000) * PER_SECOND);
  }

  return {
    hasLeft: (address, nowMs) => missesOf(address, nowMs) <= BURST - 1,
    charge(address, nowMs) {
      buckets.set(subscriberOf(address), { misses: missesOf(address, nowMs) + 1, atMs: nowMs });
    },
  };
}

/** One subscriber has a whole /64 of IPv6 (RFC 6177), so the first four groups are what counts. */
export function subscriberOf(address: string): string {
  if (!isIPv6(address) || address.startsWith("::ffff:")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const last = tail === "" ? [] : tail.split(":");
    while (groups.length + last.length < 8) groups.push("0");
    groups.push(...last);
  }
  return groups.slice(0, 4).join(":");
}
