import ipaddr from "ipaddr.js";

/** Who is connected, and how much of late came from where. */
export interface Peers {
  /** Counts a connection in. False: there are too many of its address already, and it does not count. */
  enter(address: string, sessionId: string): boolean;
  leave(address: string, sessionId: string): void;
  /** Counts a message. False: too many came of this address in this minute. */
  countMessage(address: string): boolean;
}

const WINDOW_MS = 60_000;

/** Opens the count of one process. @param now for tests, in milliseconds */
export function openPeers(
  { connections, messagesPerMinute }: { connections: number; messagesPerMinute: number },
  now: () => number = () => performance.now(),
): Peers {
  const sessions = new Map<string, Set<string>>();
  let messages = new Map<string, number>();
  let windowEnds = now() + WINDOW_MS;

  return {
    enter(address, sessionId) {
      const key = networkOf(address);
      const open = sessions.get(key) ?? new Set();
      if (open.size >= connections) return false;
      sessions.set(key, open.add(sessionId));
      return true;
    },
    leave(address, sessionId) {
      const key = networkOf(address);
      const open = sessions.get(key);
      open?.delete(sessionId);
      if (open?.size === 0) sessions.delete(key);
    },
    countMessage(address) {
      if (now() >= windowEnds) {
        messages = new Map();
        windowEnds = now() + WINDOW_MS;
      }
      const key = networkOf(address);
      const count = (messages.get(key) ?? 0) + 1;
      messages.set(key, count);
      return count <= messagesPerMinute;
    },
  };
}

/** Whoever has one IPv6 address has the 2^64 of its network too. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address.replace(/%.*$/, ""));
  if (parsed.kind() === "ipv4") return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString()}/64`;
}
