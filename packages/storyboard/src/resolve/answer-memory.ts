/** Remembers answers by what they hang on, as far as that comes again, within one bound for many drawers. */
export interface Memory<Answer> {
  /** A new drawer: it finds the answer of this name, or has it made. */
  drawer(): (name: string, make: () => Answer) => Answer;
}

/** In all drawers together; each is some 200 bytes. */
const MOST_ANSWERS = 20_000;
const MOST_IN_DRAWER = 1_000;
/** After so many that were new, more than were known, a drawer is closed: its column holds names or numbers, and all differ. */
const PATIENCE = 2_000;
/** In UTF-16 units: nothing longer is kept. */
const LONGEST_NAME = 100;

/** An empty memory. */
export function openMemory<Answer>(): Memory<Answer> {
  let left = MOST_ANSWERS;

  return {
    drawer() {
      const known = new Map<string, Answer>();
      let [hits, misses] = [0, 0];
      let isClosed = false;

      function empty(): void {
        left += known.size;
        known.clear();
      }

      return (name, make) => {
        if (isClosed || name.length > LONGEST_NAME) return make();
        const found = known.get(name);
        if (found !== undefined) {
          hits += 1;
          return found;
        }
        const answer = make();
        misses += 1;
        if (misses > PATIENCE && misses > hits) {
          isClosed = true;
          empty();
          return answer;
        }
        if (known.size >= MOST_IN_DRAWER) empty();
        if (left > 0) {
          known.set(name, answer);
          left -= 1;
        }
        return answer;
      };
    },
  };
}
