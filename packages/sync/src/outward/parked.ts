import type { ParkedKey, Settlement } from "@inlet/database";

/** So many keys that were not taken wait at once: beyond that nothing more is read, because it is hardly the items any more. */
const MOST_PARKED = 1_000;

interface Known extends ParkedKey {
  /** It is being worked on; else it waits. */
  isTakenUp: boolean;
}

/** How a key was left. */
interface Left {
  fromSeq: number;
  attempts: number;
  isRefused: boolean;
  /** It is not tried again by itself. */
  isDead: boolean;
}

/** The keys of one subscription that were not taken, and wait; and whether there may be letters of others that were given up. */
export class Parked {
  readonly #subscriptionId: number;
  readonly #keys: Map<string, Known>;
  #hasDead: boolean;

  constructor(subscriptionId: number, keys: readonly ParkedKey[], { hasLetters }: { hasLetters: boolean }) {
    this.#subscriptionId = subscriptionId;
    this.#keys = new Map(keys.map((known) => [known.key, { ...known, isTakenUp: false }]));
    this.#hasDead = hasLetters;
  }

  get isFull(): boolean {
    return this.#keys.size >= MOST_PARKED;
  }

  /** What is known of a key that waits; undefined: its changes may be sent. */
  waiting(key: string): ParkedKey | undefined {
    const known = this.#keys.get(key);
    return known === undefined || known.isTakenUp ? undefined : known;
  }

  /** How often the change at which a key stopped was tried. A later one counts anew. */
  attempts(key: string, fromSeq: number): number {
    const known = this.#keys.get(key);
    return known !== undefined && known.fromSeq >= fromSeq ? known.attempts : 0;
  }

  takeUp(known: ParkedKey): void {
    this.#keys.set(known.key, { ...known, isTakenUp: true });
  }

  giveBack(key: string): void {
    const known = this.#keys.get(key);
    if (known !== undefined) known.isTakenUp = false;
  }

  park(key: string, { isDead, ...left }: Left): void {
    if (isDead) {
      this.#keys.delete(key);
      this.#hasDead = true;
      return;
    }
    // A letter that was just written has a number that nobody needs: what settles its key settles it.
    const { letterId = 0, revision = 0, isForced = false } = this.#keys.get(key) ?? {};
    const subscriptionId = this.#subscriptionId;
    this.#keys.set(key, { key, subscriptionId, letterId, revision, isForced, ...left, isTakenUp: false });
  }

  /**
   * A change of a key was taken. What of its letters that settles; undefined: nothing, or not yet.
   * @param letter what the change was taken up for
   */
  settled(key: string, letter: { id: number; revision: number } | null): Settlement["settled"][number] | undefined {
    if (letter !== null) {
      this.#keys.delete(key);
      return { key, letterId: letter.id, revision: letter.revision };
    }
    // Others of its changes follow before what it stopped at is settled.
    if (this.#keys.has(key) || !this.#hasDead) return undefined;
    return { key, letterId: null, revision: 0 };
  }
}
