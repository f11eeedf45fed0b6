import { identityOf, isAlive, sendSignal } from "./processes.ts";
import { waitFor } from "./wait-for.ts";

/** How a process ended. */
export type Ending = { code: number | null; signal: NodeJS.Signals | null };

/** A process that was started. */
export type Running = { pid: number; ended: Promise<Ending> };

/** What keeping a process needs to know about it. */
export type Recipe = {
  name: string;
  /** Clears the way and starts it. Throws when that fails; it is tried again. */
  launch: () => Promise<Running>;
  isReady: (pid: number) => Promise<boolean>;
  stopSignal: NodeJS.Signals;
  /** From the stop signal to SIGKILL. */
  stopTimeoutMs: number;
  readyTimeoutMs: number;
  /** The longest pause before a crashed process is started again. Default 10 s. */
  longestPauseMs?: number | undefined;
  /** Told what a person should know: ends, failures, restarts. */
  tell: (line: string) => void;
};

/** First pause before a crashed process is started again; it doubles up to the longest one. */
export const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** After this long without a crash, the pauses begin anew. */
const STEADY_AFTER_MS = 30_000;
/** A process that cannot even start once is given up after so many attempts: its settings are wrong. */
const FIRST_START_ATTEMPTS = 3;
/** EX_CONFIG (sysexits.h): a service ends with it when its settings are wrong, and trying again would not help. */
const EX_CONFIG = 78;

/**
 * A process that is started again whenever it ends without having been asked to.
 * It does not look at a process's health once it is up: a stopped or busy one is left alone.
 */
export class KeptProcess {
  readonly name: string;
  #recipe: Recipe;
  #running: (Running & { identity: string }) | undefined;
  #wanted = false;
  #ready = false;
  #loop: Promise<void> | undefined;
  #wake: (() => void) | undefined;

  constructor(recipe: Recipe) {
    this.name = recipe.name;
    this.#recipe = recipe;
  }

  get pid(): number | undefined {
    return this.#running?.pid;
  }

  get isReady(): boolean {
    return this.#ready;
  }

  /** Pid and start time, see `identityOf`. */
  get identity(): string | undefined {
    return this.#running?.identity;
  }

  /**
   * Starts it and waits until it is ready.
   * @throws {Error} when it ended or hung on every one of the first attempts; it is then stopped
   */
  async start(): Promise<void> {
    if (this.#wanted) return this.untilReady();
    this.#wanted = true;
    let failure: Error | undefined;
    this.#loop = this.#keep((error) => {
      failure = error;
    });
    await waitFor(() => this.#ready || failure !== undefined, {
      timeoutMs: FIRST_START_ATTEMPTS * (this.#recipe.readyTimeoutMs + this.#recipe.stopTimeoutMs),
      everyMs: 5,
      what: `${this.name} to be ready`,
    });
    if (failure) throw failure;
  }

  /** Waits until it is ready (again). */
  async untilReady(timeoutMs = this.#recipe.readyTimeoutMs): Promise<void> {
    await waitFor(() => this.#ready, { timeoutMs, what: `${this.name} to be ready`, everyMs: 5 });
  }

  /** Ends it, and leaves it so until `start` is called. Also a process that was paused with SIGSTOP. */
  async stop(): Promise<void> {
    this.#wanted = false;
    this.#wake?.();
    const running = this.#running;
    if (running) await this.#end(running);
    await this.#loop;
  }

  /** Sends a signal. When the process ends of it, it is started again. */
  signal(signal: NodeJS.Signals): void {
    if (!this.#running) throw new Error(`${this.name} is not running`);
    if (signal === "SIGKILL") this.#ready = false;
    sendSignal(this.#running.pid, signal);
  }

  /** SIGKILL, and no new start. */
  async destroy(): Promise<void> {
    this.#wanted = false;
    this.#wake?.();
    if (this.#running) sendSignal(this.#running.pid, "SIGKILL");
    await this.#loop;
  }

  async #keep(giveUp: (error: Error) => void): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    let attempts = 0;
    let everReady = false;
    while (this.#wanted) {
      const startedAt = Date.now();
      attempts += 1;
      const { problem, hopeless } = await this.#once(() => {
        everReady = true;
      });
      if (!this.#wanted) return;
      if (!everReady && (hopeless || attempts >= FIRST_START_ATTEMPTS)) {
        this.#wanted = false;
        return giveUp(new Error(`${this.name} does not start: ${problem}`));
      }
      if (Date.now() - startedAt > STEADY_AFTER_MS) pauseMs = FIRST_PAUSE_MS;
      this.#recipe.tell(`${problem}; starting it again${pauseMs >= 1000 ? ` in ${pauseMs / 1000} s` : ""}`);
      await this.#pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, this.#recipe.longestPauseMs ?? LONGEST_PAUSE_MS);
    }
  }

  /** One life of the process, to its end. Answers what went wrong. */
  async #once(onReady: () => void): Promise<{ problem: string; hopeless: boolean }> {
    try {
      const running = await this.#recipe.launch();
      this.#running = { ...running, identity: identityOf(running.pid) };
      let ending: Ending | undefined;
      void running.ended.then((how) => {
        ending = how;
      });
      if (!this.#wanted) await this.#end(this.#running);
      try {
        await waitFor(async () => ending !== undefined || (await this.#recipe.isReady(running.pid)), {
          timeoutMs: this.#recipe.readyTimeoutMs,
          what: `${this.name} to be ready`,
          everyMs: 10,
        });
      } catch (error) {
        await this.#end(this.#running);
        return { problem: (error as Error).message, hopeless: false };
      }
      if (ending === undefined) {
        this.#ready = true;
        onReady();
      }
      const how = await running.ended;
      return { problem: describe(how), hopeless: how.code === EX_CONFIG };
    } catch (error) {
      return { problem: (error as Error).message, hopeless: false };
    } finally {
      this.#ready = false;
      this.#running = undefined;
    }
  }

  async #end(running: Running & { identity: string }): Promise<void> {
    sendSignal(running.pid, this.#recipe.stopSignal);
    // One that was paused must run to see its signal.
    sendSignal(running.pid, "SIGCONT");
    const forced = setTimeout(() => {
      this.#recipe.tell(`did not stop within ${this.#recipe.stopTimeoutMs / 1000} s and was killed`);
      if (isAlive(running.identity)) sendSignal(running.pid, "SIGKILL");
    }, this.#recipe.stopTimeoutMs);
    await running.ended;
    clearTimeout(forced);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const describe = ({ code, signal }: Ending) =>
  signal ? `it was ended by ${signal}` : `it ended with exit code ${code}`;
