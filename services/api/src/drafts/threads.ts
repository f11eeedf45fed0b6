import { Worker } from "node:worker_threads";
import { type InferredTableView, InvalidInput, InvariantBroken, Unavailable } from "@inlet/contracts";
import type { CheckProgress } from "./check-parts.ts";
import type { ThreadAnswer, ThreadData, ThreadError, ThreadRequest } from "./thread-messages.ts";

/** What a thread needs in memory at most; one that grows beyond ends alone. */
const MOST_HEAP_MB = 1_024;
/** A thread that got nothing to do for so long ends. */
const IDLE_MS = 5 * 60_000;
/** So long a thread may take to give up what it does, before it is ended. */
const ABORT_MS = 5_000;

type Job = Exclude<ThreadRequest, { kind: "abort" }>;

/** The thread ended in the middle of its work: out of memory, or by a fault of its own. */
export class ThreadLost extends Error {}

/** Threads that take one job each, at most so many at once. */
export class Threads {
  readonly #data: ThreadData;
  readonly #most: number;
  readonly #idle: Thread[] = [];
  readonly #all = new Set<Thread>();
  #busy = 0;

  constructor(data: ThreadData, most: number) {
    this.#data = data;
    this.#most = most;
  }

  /** How many jobs could be begun now. */
  get free(): number {
    return this.#most - this.#busy;
  }

  /**
   * Runs a job in a thread; the caller has seen that one is free.
   * @throws what the job throws, as an AppError where it was one; ThreadLost
   */
  async run(
    job: Job,
    { signal, onProgress }: { signal: AbortSignal; onProgress?: (progress: CheckProgress) => void },
  ): Promise<InferredTableView | null> {
    this.#busy += 1;
    const thread = this.#idle.pop() ?? this.#open();
    try {
      const result = await thread.run(job, { signal, onProgress });
      this.#keep(thread);
      return result;
    } catch (error) {
      if (error instanceof ThreadLost) this.#all.delete(thread);
      else this.#keep(thread);
      throw error;
    } finally {
      this.#busy -= 1;
    }
  }

  /** Starts a thread that will be needed soon: it takes a second to load what it checks with. */
  warm(): void {
    if (this.free > 0 && this.#idle.length === 0) this.#keep(this.#open());
  }

  /** Ends all threads, whatever they do. */
  async close(): Promise<void> {
    await Promise.all([...this.#all].map((thread) => thread.end()));
    this.#all.clear();
  }

  #open(): Thread {
    const thread = new Thread(this.#data);
    this.#all.add(thread);
    return thread;
  }

  #keep(thread: Thread): void {
    if (thread.isEnded) {
      this.#all.delete(thread);
      return;
    }
    this.#idle.push(thread);
    thread.endAfter(IDLE_MS, () => {
      const place = this.#idle.indexOf(thread);
      if (place >= 0) this.#idle.splice(place, 1);
      this.#all.delete(thread);
    });
  }
}

class Thread {
  isEnded = false;
  readonly #worker: Worker;
  #idleTimer: NodeJS.Timeout | undefined;
  #error: Error | undefined;

  constructor(data: ThreadData) {
    this.#worker = new Worker(new URL("./check-thread.ts", import.meta.url), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB },
      // What watches or inspects the main thread is none of its business.
      execArgv: [],
    });
    this.#worker.on("error", (error: Error) => {
      this.#error = error;
    });
    this.#worker.on("exit", () => {
      this.isEnded = true;
    });
    // The service's shutdown ends it; it keeps no process alive.
    this.#worker.unref();
  }

  async run(
    job: Job,
    { signal, onProgress }: { signal: AbortSignal; onProgress?: ((progress: CheckProgress) => void) | undefined },
  ): Promise<InferredTableView | null> {
    clearTimeout(this.#idleTimer);
    const worker = this.#worker;
    let deadline: NodeJS.Timeout | undefined;
    const onAbort = () => {
      worker.postMessage({ kind: "abort" } satisfies ThreadRequest);
      deadline = setTimeout(() => void worker.terminate(), ABORT_MS);
    };
    try {
      return await new Promise((resolve, reject) => {
        const onExit = () => reject(new ThreadLost(this.#error?.message ?? "the thread ended", { cause: this.#error }));
        const onMessage = (answer: ThreadAnswer) => {
          if (answer.kind === "progress") {
            onProgress?.(answer.progress);
            return;
          }
          worker.off("message", onMessage);
          worker.off("exit", onExit);
          if (answer.kind === "done") resolve(answer.inferred);
          else reject(arrived(answer.error));
        };
        worker.on("message", onMessage);
        worker.on("exit", onExit);
        if (this.isEnded) {
          onExit();
          return;
        }
        worker.postMessage(job);
        signal.addEventListener("abort", onAbort, { once: true });
        if (signal.aborted) onAbort();
      });
    } finally {
      clearTimeout(deadline);
      signal.removeEventListener("abort", onAbort);
    }
  }

  endAfter(afterMs: number, onEnd: () => void): void {
    this.#idleTimer = setTimeout(() => {
      onEnd();
      void this.end();
    }, afterMs).unref();
  }

  async end(): Promise<void> {
    clearTimeout(this.#idleTimer);
    this.isEnded = true;
    await this.#worker.terminate();
  }
}

/** An error out of a thread, as what it was there. */
function arrived({ code, message, retryable, isInput, stack }: ThreadError): Error {
  const kind = retryable ? Unavailable : isInput ? InvalidInput : InvariantBroken;
  const error = code === null ? new Error(message) : new kind({ code, message });
  if (stack !== undefined) error.stack = stack;
  return error;
}
