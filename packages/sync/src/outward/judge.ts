import type { Failure } from "../failure.ts";

/** What is done after a push that failed: the item alone waits, or everything does. */
export type Verdict = "park" | "stand back";

/** So many in a row for reasons that may pass, with nothing taken between: it is not the items. */
const MOST_PASSING = 3;
/** So many in a row were refused, with nothing taken between: the address is wrong, or everything is. */
const MOST_REFUSED = 20;

/** What is said when there is nobody there, or when it asks for a pause: no item has anything to do with it. */
const WHOLE_SYSTEM: ReadonlySet<string> = new Set(["outside_busy", "outside_unreachable", "http_unreachable"]);

/**
 * Tells a failure of one item from one of the whole other side. One that cannot be reached, that asks for a pause, or that needs a
 * person, concerns all. What else may pass is put down to the item as long as others are taken, and so is what is refused.
 */
export class Judge {
  #passing = 0;
  #refused = 0;

  /** Something was taken. */
  taken(): void {
    this.#passing = 0;
    this.#refused = 0;
  }

  failed({ kind, code, retryAfterMs }: Failure): Verdict {
    if (kind === "person" || WHOLE_SYSTEM.has(code) || retryAfterMs !== undefined) return "stand back";
    if (kind === "passing") {
      this.#passing += 1;
      return this.#passing >= MOST_PASSING ? "stand back" : "park";
    }
    this.#refused += 1;
    return "park";
  }

  /** Whether so much was refused that it is better to wait before more is. Asked once, it counts anew. */
  isRefusingAll(): boolean {
    if (this.#refused < MOST_REFUSED) return false;
    this.#refused = 0;
    return true;
  }
}
