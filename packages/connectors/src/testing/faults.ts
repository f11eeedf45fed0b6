/** What goes wrong with one request to a test server. */
export type Fault =
  /** The answer comes late. */
  | { kind: "slow"; ms: number }
  /** A gateway answers, with a page for people: 429, 500, 502, 503 … */
  | { kind: "status"; status: number; retryAfter?: string }
  /** The JSON ends in its middle, though HTTP says that all of it came. */
  | { kind: "truncated" }
  /** The connection ends in the middle of the answer. */
  | { kind: "cut" }
  /** The connection is reset before a byte of an answer. */
  | { kind: "reset" }
  /** Service Layer: the session has ended. */
  | { kind: "session_lost" }
  /** Service Layer: the load balancer sends this session's requests to another node, which does not know it. */
  | { kind: "node_lost" }
  /** Service Layer: the load balancer moves the session to another node, and says so with the answer. */
  | { kind: "node_changed" }
  /** Service Layer: 500 from now on, because it took the session for another company's, as it does under load. */
  | { kind: "session_muddled" }
  /** The page before comes once more, its next link included. */
  | { kind: "repeat" }
  /** A page's items are left out. */
  | { kind: "skip" }
  /** Something happens before the answer, such as an item more. */
  | { kind: "run"; run(): void };

/** What a request asks for. */
export type Asked = "login" | "logout" | "count" | "page" | "item";

export interface FaultPlace {
  /** Default: pages. */
  on?: Asked | "any";
  /** So many such requests go well before, counted from now. Default 0. */
  after?: number;
  /** How many are struck. Default 1. */
  times?: number;
}

/** The faults of a test server: each strikes the requests that it was added for, once or a few times. */
export interface Faults {
  add(fault: Fault, place?: FaultPlace): void;
  clear(): void;
}

export interface FaultBook extends Faults {
  /** What strikes this request. */
  take(asked: Asked): Fault[];
}

export function openFaults(): FaultBook {
  let waiting: { fault: Fault; on: Asked | "any"; after: number; times: number }[] = [];
  return {
    add: (fault, { on = "page", after = 0, times = 1 } = {}) => void waiting.push({ fault, on, after, times }),
    clear: () => {
      waiting = [];
    },
    take(asked) {
      const struck: Fault[] = [];
      for (const entry of waiting) {
        if (entry.on !== "any" && entry.on !== asked) continue;
        if (entry.after > 0) {
          entry.after -= 1;
          continue;
        }
        entry.times -= 1;
        struck.push(entry.fault);
      }
      waiting = waiting.filter(({ times }) => times > 0);
      return struck;
    },
  };
}
