import { Unavailable } from "@inlet/contracts";

/** Lets a few through at once; the others wait in line, and not for ever. */
export interface Gate {
  /** @throws Unavailable `busy` when the line is full or the wait is too long; `work` has then not begun */
  run<T>(work: () => Promise<T>): Promise<T>;
}

interface GateOptions {
  atOnce: number;
  maxWaiting: number;
  maxWaitMs: number;
}

/** Opens a gate. */
export function createGate({ atOnce, maxWaiting, maxWaitMs }: GateOptions): Gate {
  let inside = 0;
  const line: (() => void)[] = [];

  function enter(): Promise<void> {
    if (inside < atOnce) {
      inside += 1;
      return Promise.resolve();
    }
    if (line.length >= maxWaiting) return Promise.reject(busy());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        line.splice(line.indexOf(proceed), 1);
        reject(busy());
      }, maxWaitMs);
      function proceed(): void {
        clearTimeout(timer);
        resolve();
      }
      line.push(proceed);
    });
  }

  return {
    async run(work) {
      await enter();
      try {
        return await work();
      } finally {
        const next = line.shift();
        // The place is handed on, so that nobody slips in between.
        if (next === undefined) inside -= 1;
        else next();
      }
    },
  };
}

function busy(): Unavailable {
  return new Unavailable({ code: "busy", message: "Too much is asked for at once. Try again in a moment." });
}
