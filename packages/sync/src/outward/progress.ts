/** One place in an order that is settled at some time. */
export interface Place<Mark> {
  readonly mark: Mark;
  isSettled: boolean;
}

/** How far everything is settled, of what is settled in any order. */
export class Progress<Mark> {
  #places: Place<Mark>[] = [];
  #head = 0;
  #mark: Mark;
  #settled = 0;

  constructor(from: Mark) {
    this.#mark = from;
  }

  /** Everything up to here is settled. */
  get mark(): Mark {
    return this.#mark;
  }

  /** Places after the mark, settled or not. */
  get length(): number {
    return this.#places.length - this.#head;
  }

  /** The next place. */
  add(mark: Mark): Place<Mark> {
    const place = { mark, isSettled: false };
    this.#places.push(place);
    return place;
  }

  settle(place: Place<Mark>): void {
    place.isSettled = true;
    while (this.#places[this.#head]?.isSettled) {
      this.#mark = this.#places[this.#head]!.mark;
      this.#head += 1;
      this.#settled += 1;
    }
    // What is behind is let go of now and then: a shift each would cost more than the work.
    if (this.#head > 1_024 && this.#head * 2 > this.#places.length) {
      this.#places = this.#places.slice(this.#head);
      this.#head = 0;
    }
  }

  /** How many places the mark has passed since it was last asked. */
  takePassed(): number {
    const passed = this.#settled;
    this.#settled = 0;
    return passed;
  }
}
