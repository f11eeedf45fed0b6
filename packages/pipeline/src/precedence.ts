/** The longest that a giant waits before it goes on for a piece. So it comes to its end beside any number of small files. */
const LONGEST_WAIT_MS = 25;

/** Lets work on giants give way to small files within one process, which has but one thread for both. */
export interface Precedence {
  /** A small file is under way, until the answer is called. */
  begin(): () => void;
  /** To be asked after each piece of a giant, such as half a megabyte; undefined: go on at once. */
  giveWay(): Promise<void> | undefined;
}

export function openPrecedence(longestWaitMs = LONGEST_WAIT_MS): Precedence {
  let small = 0;
  const giants = new Set<() => void>();
  return {
    begin() {
      small += 1;
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        small -= 1;
        if (small > 0) return;
        for (const goOn of giants) goOn();
      };
    },
    giveWay() {
      if (small === 0) return undefined;
      return new Promise((resolve) => {
        const goOn = () => {
          clearTimeout(timer);
          giants.delete(goOn);
          resolve();
        };
        const timer = setTimeout(goOn, longestWaitMs);
        giants.add(goOn);
      });
    },
  };
}
