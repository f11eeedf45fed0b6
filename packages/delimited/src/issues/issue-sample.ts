import type { Issue } from "@inlet/contracts";

/** Of every code so many are kept, if there are as many, however often another one comes. */
const LEAST_OF_A_CODE = 20;

/**
 * Keeps the first findings of a check, so that memory stays bounded and no kind of finding hides another: when it is full,
 * a code that is rare so far takes the place of the last finding of the most frequent one.
 */
export class IssueSample {
  readonly #most: number;
  readonly #byCode = new Map<string, { issue: Issue; place: number }[]>();
  #count = 0;
  #seen = 0;

  /** @param most how many findings are kept at most. */
  constructor(most: number) {
    this.#most = most;
  }

  add(issue: Issue): void {
    const place = this.#seen;
    this.#seen += 1;
    const kept = this.#byCode.get(issue.code);
    if (this.#count >= this.#most) {
      if ((kept?.length ?? 0) >= LEAST_OF_A_CODE) return;
      const largest = this.#largest();
      if (largest === undefined || largest.length <= LEAST_OF_A_CODE) return;
      largest.pop();
      this.#count -= 1;
    }
    this.#count += 1;
    if (kept === undefined) this.#byCode.set(issue.code, [{ issue, place }]);
    else kept.push({ issue, place });
  }

  /** The findings that were kept, in the order in which they came. */
  list(): Issue[] {
    return [...this.#byCode.values()]
      .flat()
      .sort((one, other) => one.place - other.place)
      .map(({ issue }) => issue);
  }

  #largest() {
    let largest: { issue: Issue; place: number }[] | undefined;
    for (const kept of this.#byCode.values()) if (kept.length > (largest?.length ?? 0)) largest = kept;
    return largest;
  }
}
