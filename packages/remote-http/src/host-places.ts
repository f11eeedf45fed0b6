/** A place before one host, to be given back; or how long to stand aside. */
export type HostPlace = { release(outcome: "well" | "badly" | "untried"): void } | { waitMs: number };

interface Host {
  busy: number;
  /** Its last answer was no good: it is tried by one at a time. */
  isUnwell: boolean;
  /** How long it takes to answer, of late. */
  averageMs: number;
  /** When the next one who stands aside may come back: one after the other, as fast as places become free. */
  nextMs: number;
}

const SHORTEST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 60_000;
/** What is believed of a host that has not answered yet. */
const FIRST_AVERAGE_MS = 200;
const MOST_HOSTS = 10_000;

/**
 * Shares out places before receivers' hosts: so many at once before each, and one before a host that does not answer well. Who
 * finds none stands aside, for about as long as it takes until those before him are through: a receiver that answers slowly
 * neither takes the places of others nor keeps the queue busy with asking.
 * @param perHost places before one host
 */
export function openHostPlaces(perHost: number, now: () => number = () => performance.now()) {
  const hosts = new Map<string, Host>();

  function hostOf(name: string): Host {
    let host = hosts.get(name);
    if (host === undefined) {
      if (hosts.size >= MOST_HOSTS) forgetIdle();
      host = { busy: 0, isUnwell: false, averageMs: FIRST_AVERAGE_MS, nextMs: 0 };
      hosts.set(name, host);
    }
    return host;
  }

  function forgetIdle(): void {
    for (const [name, { busy }] of hosts) if (busy === 0) hosts.delete(name);
  }

  return {
    take(name: string): HostPlace {
      const host = hostOf(name);
      const most = host.isUnwell ? 1 : perHost;
      if (host.busy >= most) {
        host.nextMs = Math.max(host.nextMs, now()) + host.averageMs / most;
        return { waitMs: Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, host.nextMs - now())) };
      }
      host.busy += 1;
      const takenMs = now();
      return {
        release(outcome) {
          host.busy -= 1;
          if (outcome === "untried") return;
          host.isUnwell = outcome === "badly";
          host.averageMs += (now() - takenMs - host.averageMs) / 4;
        },
      };
    },
  };
}
