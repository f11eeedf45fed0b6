import { catalogSchema } from "@inlet/contracts";
import { expect, test } from "vitest";
import { mapFields } from "../fields/field-mapping.ts";
import type { Incoming, ItemState, Values } from "../merge/item.ts";
import { changedAtMs, fieldValue, isLive, mergeItem, NO_ITEM } from "../merge/merge-item.ts";
import { mergeRules } from "../merge/rules.ts";
import { linkHash } from "../outward/link-hash.ts";
import { isKnownThere } from "../outward/task.ts";
import { type Judgement, judge, type KnownItem, type KnownVersion, markOf, mustAnswer, type Told } from "./judge.ts";

// The same cores as the real ring (test/sync/ring.test.ts), in a world of one item whose clock and network are numbers: many
// seeds in little time.

const FIELDS = ["name", "price", "stock"];
const RULES = mergeRules(catalogSchema.parse({ table: "item" }), { columns: ["id", ...FIELDS], key: ["id"] }, {});
const MAPPING = mapFields(
  FIELDS.map((name) => ({ name, type: "string" })) as unknown as Parameters<typeof mapFields>[0],
  undefined,
);
const HUNDRED_DAYS_MS = 100 * 86_400_000;

function randomOf(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Time, and what happens in it. */
class World {
  nowMs = HUNDRED_DAYS_MS;
  readonly random: () => number;
  readonly #events: { atMs: number; order: number; run: () => void }[] = [];
  #order = 0;

  constructor(seed: number) {
    this.random = randomOf(seed);
  }

  after(delayMs: number, run: () => void): void {
    this.#events.push({ atMs: this.nowMs + delayMs, order: ++this.#order, run });
  }

  /** Mostly quick, now and then slow. */
  delayMs(): number {
    return 1 + Math.floor(this.random() ** 3 * 4_000);
  }

  /** An event on the network: late, after younger ones, and now and then twice under two names. */
  send(run: () => void): void {
    this.after(this.delayMs(), run);
    if (this.random() < 0.2) this.after(this.delayMs() * 3, run);
  }

  runAll(): void {
    for (let steps = 0; this.#events.length > 0; steps += 1) {
      if (steps > 200_000) throw new Error("it never comes to rest");
      this.#events.sort((one, other) => one.atMs - other.atMs || one.order - other.order);
      const event = this.#events.shift()!;
      this.nowMs = event.atMs;
      event.run();
    }
  }
}

interface Change {
  operation: "put" | "remove";
  origin: string;
  values: Values;
  changedAtMs: number;
  atMs: number;
}

/** What takes a push. */
type Receiver = (change: Pick<Change, "operation" | "values" | "changedAtMs">) => void;

/** One catalog with its subscriptions: what the shells around the cores do, without any of them. */
class Catalog {
  state: ItemState = NO_ITEM;
  readonly log: Change[] = [];
  readonly subscriptions = new Map<string, Subscription>();
  pushes = 0;
  readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  subscribe(name: string, receiver: Receiver): void {
    this.subscriptions.set(name, {
      ...{ name, receiver, cursor: 0, isBusy: false, isForced: false, answered: undefined },
      link: undefined,
      pushedAtMs: undefined,
    });
  }

  shown(): Record<string, string | null> | null {
    if (!isLive(this.state)) return null;
    return Object.fromEntries(FIELDS.map((name) => [name, fieldValue(this.state, name)]));
  }

  say(incoming: Incoming): Change | undefined {
    const before = this.shown();
    const merged = mergeItem(this.state, incoming, RULES);
    this.state = merged.state;
    if (merged.operation === null) return undefined;
    const { operation } = merged;
    const values = this.shown() ?? before!;
    const change = {
      operation,
      origin: incoming.origin,
      values,
      changedAtMs: changedAtMs(this.state),
      atMs: this.world.nowMs,
    };
    this.log.push(change);
    for (const subscription of this.subscriptions.values()) this.world.after(5, () => this.#pump(subscription));
    return change;
  }

  /** A person, or a file. */
  write(values: Values | null): void {
    const atMs = Math.max(this.world.nowMs, changedAtMs(this.state) + 1);
    this.say(
      values === null
        ? { operation: "remove", atMs, origin: "api" }
        : { operation: "put", atMs, origin: "api", values },
    );
  }

  /** What the other side of a subscription says. */
  told(name: string, told: Omit<Told, "receivedAtMs">): void {
    const subscription = this.subscriptions.get(name)!;
    const said: Told = { ...told, receivedAtMs: this.world.nowMs };
    const known: KnownItem = {
      here: this.shown(),
      version: subscription.link?.version,
      there: this.#there(subscription),
      pushedAtMs: subscription.pushedAtMs,
      versions: this.#versions(subscription),
      isOutward: true,
      answered: subscription.answered,
    };
    const judgement = judge(said, known);
    const change = judgement.take === "nothing" ? undefined : this.say(incomingOf(judgement, name, this.world.nowMs));
    if (judgement.take !== "nothing" || judgement.why === "same" || judgement.why === "known")
      this.#learn(subscription, said);
    const outcome = { known, after: this.shown(), hasChanged: change !== undefined };
    if (!mustAnswer(said, judgement, outcome)) return;
    subscription.isForced = true;
    subscription.answered = markOf(said);
    // Somebody may have said the same again since the last change.
    const last = this.log.at(-1);
    if (last) last.changedAtMs = changedAtMs(this.state);
    this.world.after(20, () => this.#pump(subscription));
  }

  #learn(subscription: Subscription, said: Told): void {
    const { values } = said;
    if (values === null) subscription.link = undefined;
    else
      subscription.link = {
        hash: linkHash(MAPPING, { ...this.#there(subscription), ...values }),
        version: markOf(said) ?? subscription.link?.version,
      };
  }

  #there({ link }: Subscription): Values | undefined {
    return this.log.findLast(({ operation, values }) => operation === "put" && linkHash(MAPPING, values) === link?.hash)
      ?.values;
  }

  #versions({ name, cursor }: Subscription): KnownVersion[] {
    const newest = this.log.map(({ operation, values, origin, atMs }, at) => ({
      ...{ values: operation === "remove" ? null : values, atMs, isTheirs: origin === name, isUnsettled: at >= cursor },
    }));
    return newest.reverse().slice(0, 16);
  }

  /** Changes of the key one after the other; the present state once more where that was asked for. */
  #pump(subscription: Subscription): void {
    if (subscription.isBusy) return;
    const change = this.log[subscription.cursor];
    const isForced = change === undefined && subscription.isForced;
    const sent = change ?? (isForced ? this.log.at(-1) : undefined);
    if (sent === undefined) return;
    const settle = () => {
      if (isForced) subscription.isForced = false;
      else subscription.cursor += 1;
    };
    const known = isKnownThere(
      { change: { ...sent, changeId: 0, key: "1", version: 1, changedAt: new Date(0), seq: 1 } as never, isForced },
      {
        link: subscription.link ?? null,
        hash: linkHash(MAPPING, sent.values),
        isNewest: subscription.cursor === this.log.length - 1,
        ownOrigin: subscription.name,
      },
    );
    if (known) {
      settle();
      if (sent.operation === "remove") subscription.link = undefined;
      this.#pump(subscription);
      return;
    }
    subscription.isBusy = true;
    // What is asked for anew meanwhile is not settled by this one.
    if (isForced) subscription.isForced = false;
    this.#attempt(subscription, sent, () => {
      subscription.isBusy = false;
      subscription.pushedAtMs = this.world.nowMs;
      subscription.link =
        sent.operation === "remove"
          ? undefined
          : { hash: linkHash(MAPPING, sent.values), version: subscription.link?.version };
      if (!isForced) subscription.cursor += 1;
      this.#pump(subscription);
    });
  }

  /** The request or its answer may be lost; then it is made again. What comes a second time is known by its idempotency key. */
  #attempt(subscription: Subscription, sent: Change, taken: () => void, isThere = false): void {
    const { world } = this;
    this.pushes += 1;
    world.after(world.delayMs(), () => {
      const isLost = world.random() < 0.1;
      if (!isThere && !isLost) subscription.receiver(sent);
      world.after(world.delayMs(), () => {
        if (isLost || world.random() < 0.1) this.#attempt(subscription, sent, taken, isThere || !isLost);
        else taken();
      });
    });
  }
}

interface Subscription {
  name: string;
  receiver: Receiver;
  cursor: number;
  isBusy: boolean;
  isForced: boolean;
  link: { hash: string; version: string | undefined } | undefined;
  pushedAtMs: number | undefined;
  answered: string | undefined;
}

function incomingOf(judgement: Judgement, origin: string, nowMs: number): Incoming {
  if (judgement.take === "nothing") throw new Error("nothing is said");
  const atMs = Math.min(judgement.atMs ?? nowMs, nowMs);
  if (judgement.take === "removal") return { operation: "remove", atMs, origin };
  return { operation: "put", atMs, origin, values: judgement.values };
}

function randomWrite(random: () => number): Values | null {
  if (random() < 0.15) return null;
  const chosen = FIELDS.filter(() => random() < 0.5);
  return Object.fromEntries((chosen.length > 0 ? chosen : FIELDS).map((name) => [name, `${Math.floor(random() * 4)}`]));
}

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed + 1);
const WRITES = 40;

test("three catalogs in a ring, under random writes, removals, delays, repetitions and other orders, come to the same", () => {
  let pushes = 0;
  for (const seed of SEEDS) {
    const world = new World(seed);
    const names = ["a", "b", "c"];
    const catalogs = new Map(names.map((name) => [name, new Catalog(world)]));
    for (const one of names)
      for (const other of names.filter((name) => name !== one))
        catalogs
          .get(one)!
          .subscribe(other, ({ operation, values, changedAtMs: at }) =>
            catalogs.get(other)!.told(one, { values: operation === "remove" ? null : values, changedAtMs: at }),
          );
    for (let write = 0; write < WRITES; write += 1)
      world.after(Math.floor(world.random() * 20_000), () =>
        catalogs.get(names[Math.floor(world.random() * 3)]!)!.write(randomWrite(world.random)),
      );
    world.runAll();
    const [a, b, c] = names.map((name) => catalogs.get(name)!.shown());
    expect([b, c], `seed ${seed}`).toEqual([a, a]);
    const sent = names.reduce((sum, name) => sum + catalogs.get(name)!.pushes, 0);
    // Each write travels over each of the six ways at most once, and back once.
    expect(sent, `seed ${seed}`).toBeLessThanOrEqual(WRITES * 12);
    pushes += sent;
  }
  expect(pushes / SEEDS.length / WRITES).toBeLessThan(8);
});

/** A system that takes whatever comes, and tells of every change, of those that it was asked for, too. */
class Echoing {
  values: Values | null = null;
  readonly world: World;
  readonly #tell: (told: Omit<Told, "receivedAtMs">) => void;

  constructor(world: World, tell: (told: Omit<Told, "receivedAtMs">) => void) {
    this.world = world;
    this.#tell = tell;
  }

  set(values: Values | null): void {
    const next = values && { ...Object.fromEntries(FIELDS.map((name) => [name, null])), ...this.values, ...values };
    if (JSON.stringify(next) === JSON.stringify(this.values)) return;
    this.values = next;
    const changedAtMs = this.world.nowMs;
    this.world.send(() => this.#tell({ values: next, changedAtMs }));
  }
}

test("two systems that echo all that they are sent come to rest with the catalog between them", () => {
  for (const seed of SEEDS) {
    const world = new World(seed);
    const catalog = new Catalog(world);
    const systems = ["x", "y"].map((name) => {
      const system = new Echoing(world, (told) => catalog.told(name, told));
      catalog.subscribe(name, ({ operation, values }) => system.set(operation === "remove" ? null : values));
      return system;
    });
    for (let write = 0; write < WRITES; write += 1)
      world.after(Math.floor(world.random() * 60_000), () => {
        const place = Math.floor(world.random() * 3);
        const values = randomWrite(world.random);
        if (place === 2) catalog.write(values);
        else if (values !== null || systems[place]!.values !== null) systems[place]!.set(values);
      });
    world.runAll();
    expect(
      systems.map(({ values }) => values),
      `seed ${seed}`,
    ).toEqual([catalog.shown(), catalog.shown()]);
    expect(catalog.pushes, `seed ${seed}`).toBeLessThanOrEqual(WRITES * 4);
  }
});
