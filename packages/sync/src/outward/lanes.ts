interface Lane<Task> {
  tasks: Task[];
  /** `ready`: its first task may begin. `busy`: it is under way. `held`: what comes first is still being read. */
  state: "ready" | "busy" | "held";
}

/**
 * What waits, by key: of each key one task at a time, in order; keys in the order in which they came. Only in memory: what is lost
 * with the process is read again.
 */
export class Lanes<Task extends { readonly key: string }> {
  readonly #lanes = new Map<string, Lane<Task>>();
  /** Keys in their turn; some were taken out or begun meanwhile. */
  #queue: string[] = [];
  #head = 0;
  #ready = 0;
  #size = 0;

  /** Tasks that wait or are under way. */
  get size(): number {
    return this.#size;
  }

  /** Keys of which a task may begin. */
  get ready(): number {
    return this.#ready;
  }

  has(key: string): boolean {
    return this.#lanes.has(key);
  }

  /** Tasks of a key behind its first one. */
  behind(key: string): number {
    return Math.max(0, (this.#lanes.get(key)?.tasks.length ?? 0) - 1);
  }

  /** Puts a task behind those of its key. */
  add(task: Task): void {
    this.#size += 1;
    const lane = this.#lanes.get(task.key);
    if (lane !== undefined) {
      lane.tasks.push(task);
      return;
    }
    const added: Lane<Task> = { tasks: [task], state: "held" };
    this.#lanes.set(task.key, added);
    this.#makeReady(task.key, added);
  }

  /** Begins the first task of the next key; undefined: none may begin. */
  take(): Task | undefined {
    while (this.#head < this.#queue.length) {
      const lane = this.#lanes.get(this.#queue[this.#head]!);
      this.#head += 1;
      // What is behind is let go of now and then: a shift each would cost more than the work.
      if (this.#head > 1_024 && this.#head * 2 > this.#queue.length) {
        this.#queue = this.#queue.slice(this.#head);
        this.#head = 0;
      }
      if (lane?.state !== "ready") continue;
      lane.state = "busy";
      this.#ready -= 1;
      return lane.tasks[0]!;
    }
    return undefined;
  }

  /** A key's first task is done with: the next one may begin, after those of other keys. */
  next(key: string): void {
    const lane = this.#lanes.get(key);
    if (lane === undefined) return;
    lane.tasks.shift();
    this.#size -= 1;
    if (lane.tasks.length === 0) this.#lanes.delete(key);
    else this.#makeReady(key, lane);
  }

  /** A key's first task is to be tried again, after those of other keys. */
  putBack(key: string): void {
    const lane = this.#lanes.get(key);
    if (lane !== undefined) this.#makeReady(key, lane);
  }

  /** Takes a key out with all its tasks. */
  drop(key: string): Task[] {
    const lane = this.#lanes.get(key);
    if (lane === undefined) return [];
    this.#lanes.delete(key);
    if (lane.state === "ready") this.#ready -= 1;
    this.#size -= lane.tasks.length;
    return lane.tasks;
  }

  /** Keeps a key that has no tasks for what is being read: what comes meanwhile waits behind it. */
  hold(key: string): void {
    if (!this.#lanes.has(key)) this.#lanes.set(key, { tasks: [], state: "held" });
  }

  /** Gives a held key the tasks that come first. */
  fill(key: string, tasks: readonly Task[]): void {
    const lane = this.#lanes.get(key);
    if (lane?.state !== "held") return;
    lane.tasks.unshift(...tasks);
    this.#size += tasks.length;
    if (lane.tasks.length === 0) this.#lanes.delete(key);
    else this.#makeReady(key, lane);
  }

  #makeReady(key: string, lane: Lane<Task>): void {
    lane.state = "ready";
    this.#ready += 1;
    this.#queue.push(key);
  }
}
