import { touchUpload, type UploadClaim } from "@inlet/database";
import type { Context } from "./context.ts";
import { patiently } from "./patience.ts";
import { denied, type Refusal } from "./status.ts";

/** A writer gives a sign of life this often, as a share of the time after which it may be taken over. */
const TOUCH_SHARE = 1 / 3;
/** With no sign of life confirmed for this share of that time, nothing may be written before one is. */
const FENCE_SHARE = 2 / 3;

export const overtaken = (): Refusal => denied("Another connection has taken this upload over");

/** The sole right to write a path, kept while it is used, and given up for good when another connection took it. */
export class HeldClaim {
  readonly claim: UploadClaim;
  readonly #context: Context;
  #confirmedAt: number;
  #touching: Promise<void> | undefined;
  #lost: unknown;

  /** `confirmedAt`: when, by performance.now(), the claim was asked for; so no later than PostgreSQL's own note of it. */
  constructor(context: Context, claim: UploadClaim, confirmedAt: number) {
    this.#context = context;
    this.claim = claim;
    this.#confirmedAt = confirmedAt;
  }

  /**
   * Call before each change. It resolves only within a time in which, after the last confirmed sign of life, no other
   * connection can have taken over.
   * @throws Refusal when one has; Unavailable when the database has been away for too long to know
   */
  async keep(): Promise<void> {
    if (this.#lost !== undefined) throw this.#lost;
    const { takeOverMs } = this.#context.limits;
    const silentMs = performance.now() - this.#confirmedAt;
    if (silentMs < takeOverMs * TOUCH_SHARE) return;
    this.#touching ??= this.#touch().finally(() => {
      this.#touching = undefined;
    });
    if (silentMs >= takeOverMs * FENCE_SHARE) return await this.#touching;
    this.#touching.catch((error: unknown) => {
      this.#lost = error;
    });
  }

  /** Keeps the claim through a work that may take longer than a take-over needs. */
  async keepDuring(work: () => Promise<void>): Promise<void> {
    const timer = setInterval(() => {
      this.keep().catch((error: unknown) => {
        this.#lost = error;
      });
    }, this.#context.limits.takeOverMs * TOUCH_SHARE);
    try {
      await work();
    } finally {
      clearInterval(timer);
    }
  }

  async #touch(): Promise<void> {
    const { database, limits } = this.#context;
    await patiently(limits.patienceMs, async () => {
      const asked = performance.now();
      if (!(await touchUpload(database, this.claim))) throw overtaken();
      this.#confirmedAt = asked;
    });
  }
}
