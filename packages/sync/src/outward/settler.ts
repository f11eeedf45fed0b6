import { setTimeout as pause } from "node:timers/promises";
import { type Database, type Settlement, type SubscriptionRef, settleSubscription } from "@inlet/database";
import { failpoint, type Logger } from "@inlet/runtime";

/** What is settled within so long is kept by one commit, */
const TOGETHER_MS = 50;
/** unless it is as much as this. */
const ENOUGH = 500;
/** Between attempts while PostgreSQL is away. */
const AGAIN_MS = 500;

type Letter = Settlement["letters"][number];
type Link = Settlement["links"][number];

/** How far a subscription is when a commit begins. */
export interface Standing {
  cursor: number;
  backfillKey: string | null;
  /** Places that were passed since it was last asked. */
  passed: number;
}

interface SettlerOptions {
  database: Database;
  ref: SubscriptionRef;
  keepsRecent: boolean;
  logger: Logger;
  standing(): Standing;
  /** Another process runs the subscription. */
  onLost(): void;
  /** These keys' links are kept. */
  onKept(keys: readonly string[]): void;
}

/**
 * Keeps what was settled, soon and together: one statement at a time for one subscription. The cursor is asked for as a commit begins,
 * so that it never passes what is not kept with it.
 */
export class Settler {
  readonly #options: SettlerOptions;
  #links = new Map<string, Link>();
  #unlinked = new Set<string>();
  #settled = new Map<string, Settlement["settled"][number]>();
  #letters = new Map<string, Letter>();
  #pushed = 0;
  #skipped = 0;
  #isWell = false;
  #count = 0;
  #pending: ReadonlySet<string> = new Set();
  #pendingLetters: ReadonlySet<string> = new Set();
  #underWay: Promise<void> | undefined;
  #hurry: (() => void) | undefined;
  #isLost = false;

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  /** Whether a key's link is not kept yet. */
  isPending(key: string): boolean {
    return this.#links.has(key) || this.#unlinked.has(key) || this.#pending.has(key);
  }

  /** Keys whose letters are not kept yet as they are. */
  *letterKeys(): Iterable<string> {
    yield* this.#settled.keys();
    yield* this.#letters.keys();
    yield* this.#pendingLetters;
  }

  pushed(): void {
    this.#pushed += 1;
  }

  /** The other side is there. */
  well(): void {
    this.#isWell = true;
  }

  skipped(): void {
    this.#skipped += 1;
  }

  link(link: Link): void {
    this.#unlinked.delete(link.key);
    this.#links.set(link.key, link);
  }

  unlink(key: string): void {
    this.#links.delete(key);
    this.#unlinked.add(key);
  }

  letter(letter: Letter): void {
    this.#settled.delete(letter.key);
    this.#letters.set(letter.key, letter);
  }

  letterSettled(letter: Settlement["settled"][number]): void {
    this.#letters.delete(letter.key);
    this.#settled.set(letter.key, letter);
  }

  /** Something is to be kept. */
  note(): void {
    this.#count += 1;
    if (this.#count >= ENOUGH) this.#hurry?.();
    this.#underWay ??= this.#run();
  }

  /** Resolves when all that was settled is kept, or never will be. */
  async flush(): Promise<void> {
    while (this.#underWay !== undefined || this.#count > 0) {
      this.#underWay ??= this.#run();
      this.#hurry?.();
      await this.#underWay;
      if (this.#isLost) return;
    }
  }

  /** Nothing is kept from now on. */
  abandon(): void {
    this.#isLost = true;
    this.#hurry?.();
  }

  async #run(): Promise<void> {
    while (this.#count > 0 && !this.#isLost) {
      if (this.#count < ENOUGH) await this.#gathered();
      if (this.#isLost) break;
      await this.#keep(this.#take());
    }
    this.#underWay = undefined;
  }

  async #gathered(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, TOGETHER_MS);
    this.#hurry = resolve;
    await promise;
    this.#hurry = undefined;
    clearTimeout(timer);
  }

  #take(): Settlement {
    const { ref, keepsRecent, standing } = this.#options;
    const { cursor, backfillKey, passed } = standing();
    const settlement = {
      ...ref,
      cursor,
      backfillKey,
      backfillDone: backfillKey === null ? 0 : passed,
      pushed: this.#pushed,
      skipped: this.#skipped,
      isWell: this.#isWell,
      links: [...this.#links.values()],
      keepsRecent,
      unlinked: [...this.#unlinked],
      settled: [...this.#settled.values()],
      letters: [...this.#letters.values()],
    };
    this.#pending = new Set([...this.#links.keys(), ...this.#unlinked]);
    this.#pendingLetters = new Set([...this.#settled.keys(), ...this.#letters.keys()]);
    this.#links = new Map();
    this.#unlinked = new Set();
    this.#settled = new Map();
    this.#letters = new Map();
    this.#pushed = 0;
    this.#skipped = 0;
    this.#isWell = false;
    this.#count = 0;
    return settlement;
  }

  async #keep(settlement: Settlement): Promise<void> {
    const { database, logger, onLost, onKept } = this.#options;
    for (;;) {
      if (this.#isLost) return;
      try {
        failpoint("sync.before-commit");
        const isOurs = await settleSubscription(database, settlement);
        failpoint("sync.committed");
        const keys = this.#pending;
        this.#pending = new Set();
        this.#pendingLetters = new Set();
        if (isOurs) onKept([...keys]);
        else onLost();
        return;
      } catch (err) {
        logger.warn({ err }, "could not keep how far a subscription is; will try again");
        await pause(AGAIN_MS);
      }
    }
  }
}
