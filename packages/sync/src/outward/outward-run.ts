import type { ClaimedSubscription, ParkedKey, Settlement, SyncLink } from "@inlet/database";
import { failpoint, type Logger } from "@inlet/runtime";
import { type Failure, failureOf } from "../failure.ts";
import type { OpenSubscriber } from "../registry/opened-subscriber.ts";
import type { PushAnswer } from "../subscriber.ts";
import { itemDelayMs, standBackMs } from "./back-off.ts";
import { Judge } from "./judge.ts";
import { Lanes } from "./lanes.ts";
import { linkHash } from "./link-hash.ts";
import type { OutwardOptions } from "./outward-options.ts";
import type { Parked } from "./parked.ts";
import { Progress } from "./progress.ts";
import { Settler } from "./settler.ts";
import type { Source, SourcePage } from "./source.ts";
import { isKnownThere, type Mark, outgoing, type Task } from "./task.ts";

/** More is read when fewer than so many tasks wait, */
const LOW = 200;
/** unless the oldest one that is not settled is so far back. */
const MOST_OPEN = 20_000;
/** What is under way when a subscription is given up has so long to end. */
const LAST_CALLS_MS = 8_000;

type Repeats = Pick<OutwardOptions, "database" | "figures" | "retryMs">;

export interface OutwardRunOptions extends Repeats {
  claimed: ClaimedSubscription;
  subscriber: OpenSubscriber;
  source: Source;
  parked: Parked;
  logger: Logger;
  /** Whether the lease still holds by our own clock. */
  isHeld(): boolean;
  /** It is to be given up: somebody else has it, or it has to be begun anew. */
  onEnd(why: "lost" | "anew"): void;
  /** Writes down that nothing is taken just now. False: it is not ours any more. */
  noteFailure(failure: Failure, delayMs: number): Promise<boolean>;
}

interface Link extends SyncLink {
  /** When it was last known for sure, on a count of our own. */
  at: number;
}

/**
 * Runs one subscription: reads what comes, pushes it, of each key one after the other, and keeps how far it is. All in one thread of
 * events: whatever happened, {@link OutwardRun.pump} looks at what can be done next.
 */
export class OutwardRun {
  readonly claimed: ClaimedSubscription;
  readonly #options: OutwardRunOptions;
  readonly #lanes = new Lanes<Task>();
  readonly #links = new Map<string, Link>();
  readonly #judge = new Judge();
  readonly #settler: Settler;
  readonly #abort = new AbortController();
  #progress: Progress<Mark>;
  /** Keys of a call that was refused as a whole: each is sent alone. */
  readonly #alone = new Set<string>();
  #calls = 0;
  #isReading = false;
  #mayHaveMore = true;
  /** All of a part of the copy is read, and not all of it settled. */
  #isAtEnd = false;
  #readTo: number;
  #isEnding = false;
  #clock = 0;
  /** Keys of whose letters PostgreSQL, where it was asked, may not know the last. */
  #unsure = new Set<string>();
  /** Calls that began before the last failure of the whole say nothing new. */
  #wave = 0;
  #failures: number;
  #standingBack: NodeJS.Timeout | undefined;
  #isProbing = false;
  #idle: (() => void) | undefined;

  constructor(options: OutwardRunOptions) {
    const { claimed, database, logger } = options;
    this.claimed = claimed;
    this.#options = options;
    this.#failures = claimed.failures;
    this.#isProbing = claimed.failures > 0;
    this.#readTo = claimed.cursor;
    this.#progress = new Progress<Mark>(options.source.mark);
    this.#settler = new Settler({
      database,
      ref: { id: claimed.id, epoch: claimed.epoch },
      keepsRecent: claimed.definition.inward !== undefined,
      logger,
      standing: () => this.#standing(),
      onLost: () => this.lose(),
      onKept: (keys) => this.#forgetLinks(keys),
    });
    if (claimed.waitMs > 0) this.#standBackFor(claimed.waitMs);
  }

  /** Up to where the log was read; what is behind it comes by itself. */
  get readTo(): number {
    return this.#readTo;
  }

  /** There may be more to read. */
  wake(): void {
    this.#mayHaveMore = true;
    this.pump();
  }

  /** PostgreSQL is being asked for keys whose time has come: what becomes of letters from now on, it may not know yet. */
  askDue(): void {
    this.#unsure = new Set(this.#settler.letterKeys());
  }

  /** Takes up keys whose time has come. */
  due(keys: readonly ParkedKey[]): void {
    this.#takeUp(keys.filter(({ key }) => !this.#unsure.has(key)));
    this.pump();
  }

  #takeUp(keys: readonly ParkedKey[]): void {
    if (this.#isEnding || this.#standingBack !== undefined) return;
    const { parked } = this.#options;
    const free = keys.filter(({ key }) => !this.#lanes.has(key));
    if (free.length === 0) return;
    for (const key of free) {
      parked.takeUp(key);
      this.#lanes.hold(key.key);
    }
    void this.#readParked(free);
  }

  /** Ends in order: what is under way is answered and kept. */
  async drain(): Promise<void> {
    this.#isEnding = true;
    clearTimeout(this.#standingBack);
    const late = setTimeout(() => this.#abort.abort(new Error("the subscription is given up")), LAST_CALLS_MS);
    if (this.#calls > 0 || this.#isReading)
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    clearTimeout(late);
    await this.#settler.flush();
  }

  /** Somebody else runs it, or may soon: nothing is pushed or kept any more. */
  lose(): void {
    if (this.#abort.signal.aborted) return;
    this.#isEnding = true;
    clearTimeout(this.#standingBack);
    this.#settler.abandon();
    this.#abort.abort(new Error("the subscription is not ours any more"));
    this.#options.onEnd("lost");
  }

  /** Does what can be done now. */
  pump(): void {
    if (this.#calls === 0 && !this.#isReading) this.#idle?.();
    if (this.#isEnding) return;
    if (!this.#options.isHeld()) {
      this.lose();
      return;
    }
    if (this.#isAtEnd && this.#progress.length === 0) {
      void this.#turn();
      return;
    }
    this.#readOn();
    if (this.#standingBack !== undefined) return;
    const { subscriber, claimed } = this.#options;
    const most = this.#isProbing ? 1 : claimed.definition.concurrency;
    while (this.#calls < most && this.#lanes.ready > 0) {
      const tasks = this.#takeUnknown(this.#isProbing ? 1 : subscriber.batchSize);
      if (tasks.length > 0) void this.#push(tasks);
    }
    if (this.#lanes.size < LOW) this.#readOn();
    // All of it may have been known there: nobody answers then, and nobody comes back here.
    if (this.#isAtEnd && this.#progress.length === 0) void this.#turn();
  }

  /** The next tasks that the other side does not know of; the others are settled on the way. */
  #takeUnknown(most: number): Task[] {
    const unknown: Task[] = [];
    while (unknown.length < most && this.#lanes.ready > 0) {
      const task = this.#lanes.take();
      if (task === undefined) break;
      if (this.#isKnown(task)) {
        this.#skip(task);
        continue;
      }
      if (this.#alone.has(task.key)) {
        if (unknown.length === 0) return [task];
        this.#lanes.putBack(task.key);
        break;
      }
      unknown.push(task);
    }
    return unknown;
  }

  #isKnown(task: Task): boolean {
    const { claimed } = this.#options;
    return isKnownThere(task, {
      link: this.#links.get(task.key) ?? null,
      hash: this.#hashOf(task),
      isNewest: this.#lanes.behind(task.key) === 0,
      ownOrigin: claimed.name,
    });
  }

  #hashOf(task: Task): string {
    task.hash ??= linkHash(this.#options.subscriber.fields, task.change.values);
    return task.hash;
  }

  #skip(task: Task): void {
    const { change, key } = task;
    if (change.origin === this.claimed.name) {
      const link = this.#links.get(key);
      if (change.operation === "remove") this.#unlink(key);
      // What it has by now was told after this, and is not what we know.
      else if (link !== undefined && this.#lanes.behind(key) > 0) link.hash = null;
    }
    this.#settler.skipped();
    this.#options.figures.counted("skipped", 1);
    this.#finish(task);
  }

  async #push(tasks: readonly Task[]): Promise<void> {
    const { subscriber, figures, claimed } = this.#options;
    const wave = this.#wave;
    this.#calls += 1;
    const startedMs = performance.now();
    const changes = tasks.map((task) =>
      outgoing(task, {
        id: this.#links.get(task.key)?.id ?? null,
        fields: subscriber.fields,
        catalogId: claimed.catalogId,
        subscription: claimed.name,
      }),
    );
    const answers = await subscriber.send(changes, this.#abort.signal);
    failpoint("sync.pushed");
    figures.called(performance.now() - startedMs);
    this.#calls -= 1;
    // Who answers too late is asked again, by whoever runs the subscription then.
    if (!this.#abort.signal.aborted) this.#answered(tasks, answers, wave);
    this.pump();
  }

  #answered(tasks: readonly Task[], answers: readonly (PushAnswer | Error | undefined)[], wave: number): void {
    const [first] = answers;
    // A call that was refused as a whole says nothing of which item it is.
    const isOfAll = tasks.length > 1 && first instanceof Error && answers.every((answer) => answer === first);
    if (isOfAll && failureOf(first).kind === "item") {
      for (const { key } of tasks) {
        this.#alone.add(key);
        this.#lanes.putBack(key);
      }
      return;
    }
    for (const [place, task] of tasks.entries()) {
      const answer = answers[place];
      if (answer instanceof Error) this.#failed(task, failureOf(answer), wave);
      else this.#taken(task, answer);
    }
  }

  #taken(task: Task, answer: PushAnswer | undefined): void {
    const { figures } = this.#options;
    const { key, change } = task;
    this.#judge.taken();
    this.#well();
    if (change.operation === "remove") this.#unlink(key);
    else {
      const known = this.#links.get(key);
      const link = {
        key,
        id: answer?.id ?? known?.id ?? null,
        version: answer?.version ?? null,
        hash: this.#hashOf(task),
      };
      this.#links.set(key, { ...link, at: this.#tick() });
      this.#settler.link(link);
    }
    this.#settler.pushed();
    figures.counted("pushed", 1);
    this.#finish(task);
  }

  #well(): void {
    this.#isProbing = false;
    this.#failures = 0;
    this.#settler.well();
  }

  /** A task is done with, one way or the other. */
  #finish(task: Task): void {
    const { parked } = this.#options;
    const { key, place, letter, restFromSeq } = task;
    this.#alone.delete(key);
    if (restFromSeq !== null) this.#parkRest(task, restFromSeq);
    else {
      const settled = parked.settled(key, letter);
      if (settled !== undefined) this.#letterSettled(settled);
      this.#lanes.next(key);
    }
    if (place !== null) this.#progress.settle(place);
    this.#settler.note();
    if (!this.#lanes.has(key) && !this.#settler.isPending(key)) this.#links.delete(key);
  }

  #failed(task: Task, failure: Failure, wave: number): void {
    const { logger, figures } = this.#options;
    const { key } = task;
    if (wave < this.#wave && failure.kind !== "item") {
      this.#lanes.putBack(key);
      return;
    }
    if (this.#judge.failed(failure) === "stand back") {
      this.#lanes.putBack(key);
      this.#standBack(failure);
      return;
    }
    logger.warn({ changeId: task.change.changeId, code: failure.code, kind: failure.kind }, "a change was not taken");
    // Who refuses one item is there again.
    if (failure.kind === "item" && this.#isProbing) this.#well();
    figures.counted("refused", 1);
    // What came after it holds all of the item, too, and may be what mends it.
    if (failure.kind === "item" && this.#lanes.behind(key) > 0 && task.restFromSeq === null) {
      this.#lanes.next(key);
      if (task.place !== null) this.#progress.settle(task.place);
      this.#settler.note();
    } else this.#park(task, failure);
    if (this.#judge.isRefusingAll()) this.#standBack({ ...failure, kind: "item" });
  }

  /** The key waits, and with it what comes after; the log is where it waits. */
  #park(task: Task, failure: Failure): void {
    const { parked, retryMs, figures } = this.#options;
    const fromSeq = task.change.seq ?? this.claimed.cursor;
    const attempts = parked.attempts(task.key, fromSeq) + 1;
    const delayMs = itemDelayMs(attempts, { baseMs: retryMs, random: Math.random() });
    const isDead = delayMs === undefined;
    this.#dropLane(task.key);
    parked.park(task.key, { fromSeq, attempts, isRefused: failure.kind === "item", isDead });
    if (isDead) figures.counted("dead", 1);
    const { code, message, kind } = failure;
    this.#letter({
      key: task.key,
      fromSeq,
      attempts,
      delayMs: delayMs ?? 0,
      isDead,
      error: { code, message, retryable: kind === "passing" },
    });
    this.#settler.note();
  }

  /** A parked key had more changes than are read at once: the next ones are read in their turn. */
  #parkRest(task: Task, fromSeq: number): void {
    const { key } = task;
    this.#dropLane(key);
    this.#options.parked.park(key, { fromSeq, attempts: 0, isRefused: false, isDead: false });
    const error = { code: "in_turn", message: "More changes of this item are sent in their turn.", retryable: true };
    this.#letter({ key, fromSeq, attempts: 0, delayMs: 0, isDead: false, error });
  }

  #dropLane(key: string): void {
    for (const { place } of this.#lanes.drop(key)) if (place !== null) this.#progress.settle(place);
  }

  #unlink(key: string): void {
    this.#links.delete(key);
    this.#settler.unlink(key);
  }

  #standBack(failure: Failure): void {
    this.#wave += 1;
    this.#failures += 1;
    const delayMs = standBackMs(failure, this.#failures, { baseMs: this.#options.retryMs, random: Math.random() });
    const { figures, logger } = this.#options;
    figures.failed();
    const { code, message } = failure;
    logger.warn({ code, reason: message, delayMs, failures: this.#failures }, "the other side takes nothing just now");
    this.#standBackFor(delayMs);
    this.#isProbing = failure.kind !== "item";
    this.#options.noteFailure(failure, delayMs).then(
      (isOurs) => {
        if (!isOurs) this.lose();
        // Whoever takes it up again reads its secrets anew.
        else if (failure.kind === "person") this.#options.onEnd("anew");
      },
      (err) => logger.warn({ err }, "could not write down that a subscription fails"),
    );
  }

  #standBackFor(delayMs: number): void {
    clearTimeout(this.#standingBack);
    this.#standingBack = setTimeout(() => {
      this.#standingBack = undefined;
      this.pump();
    }, delayMs);
  }

  #readOn(): void {
    const { parked } = this.#options;
    const isFull = this.#lanes.size >= LOW || this.#progress.length >= MOST_OPEN || parked.isFull;
    if (this.#isReading || this.#isAtEnd || !this.#mayHaveMore || isFull) return;
    this.#isReading = true;
    void this.#read();
  }

  async #read(): Promise<void> {
    const { source, logger } = this.#options;
    const startedAt = this.#tick();
    this.#mayHaveMore = false;
    try {
      const page = await source.read();
      if (!this.#isEnding) this.#arrange(page, startedAt);
    } catch (err) {
      logger.warn({ err }, "could not read changes; will try again");
    }
    this.#isReading = false;
    this.pump();
  }

  #arrange({ read, hasMore, known, readTo, isEnd }: SourcePage, startedAt: number): void {
    this.#mayHaveMore ||= hasMore;
    this.#isAtEnd = isEnd;
    this.#readTo = readTo;
    for (const link of known) this.#learn(link, startedAt);
    const impatient = new Map<string, ParkedKey>();
    for (const { mark, task } of read) {
      const place = this.#progress.add(mark);
      const waiting = task === null ? undefined : this.#options.parked.waiting(task.key);
      if (task !== null && waiting === undefined) {
        this.#lanes.add({ ...task, place });
        continue;
      }
      this.#progress.settle(place);
      this.#settler.note();
      // It may be what mends the item.
      if (waiting?.isRefused && !waiting.isForced) impatient.set(waiting.key, waiting);
    }
    this.#takeUp([...impatient.values()]);
  }

  /** What was read of a link counts, unless we have pushed something since. */
  #learn(link: SyncLink, startedAt: number): void {
    const known = this.#links.get(link.key);
    if (this.#settler.isPending(link.key) || (known !== undefined && known.at >= startedAt)) return;
    this.#links.set(link.key, { ...link, at: startedAt });
  }

  /** All of a part of the copy is settled: the next part comes. */
  async #turn(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    const { source, logger } = this.#options;
    try {
      await this.#settler.flush();
      if (!this.#isEnding && !(await source.turn())) return this.lose();
      this.#progress = new Progress<Mark>(source.mark);
      this.#isAtEnd = false;
      this.#mayHaveMore = true;
    } catch (err) {
      logger.warn({ err }, "could not go on with a copy of everything; will try again");
    } finally {
      this.#isReading = false;
      this.pump();
    }
  }

  async #readParked(keys: readonly ParkedKey[]): Promise<void> {
    const { source, logger, parked } = this.#options;
    const startedAt = this.#tick();
    try {
      const { tasks, known } = await source.readKeys(keys, this.#readTo);
      if (this.#isEnding) return;
      for (const link of known) this.#learn(link, startedAt);
      const byKey = Map.groupBy(tasks, ({ key }) => key);
      for (const key of keys) this.#fill(key, byKey.get(key.key) ?? []);
    } catch (err) {
      logger.warn({ err }, "could not read what waits; will try again");
      for (const key of keys) {
        this.#dropLane(key.key);
        parked.giveBack(key.key);
      }
      this.#settler.note();
    }
    this.pump();
  }

  #fill(key: ParkedKey, tasks: readonly Task[]): void {
    this.#lanes.fill(key.key, tasks);
    if (tasks.length > 0) return;
    // Nothing of it is left to send.
    const settled = this.#options.parked.settled(key.key, { id: key.letterId, revision: key.revision });
    if (settled !== undefined) this.#letterSettled(settled);
    this.#settler.note();
  }

  #letterSettled(settled: Settlement["settled"][number]): void {
    this.#unsure.add(settled.key);
    this.#settler.letterSettled(settled);
  }

  #letter(letter: Settlement["letters"][number]): void {
    this.#unsure.add(letter.key);
    this.#settler.letter(letter);
  }

  #standing() {
    const { source } = this.#options;
    const { mark } = this.#progress;
    const passed = this.#progress.takePassed();
    if (source.isCopying) return { cursor: this.claimed.cursor, backfillKey: mark as string, passed };
    return { cursor: mark as number, backfillKey: null, passed };
  }

  #forgetLinks(keys: readonly string[]): void {
    for (const key of keys) {
      const link = this.#links.get(key);
      if (link !== undefined) link.at = this.#tick();
      if (!this.#lanes.has(key) && !this.#settler.isPending(key)) this.#links.delete(key);
    }
  }

  #tick(): number {
    this.#clock += 1;
    return this.#clock;
  }
}
