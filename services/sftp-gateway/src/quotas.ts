import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { bytesUnderWay, clientFolders } from "@inlet/database";
import type { Context, Principal, Quotas } from "./context.ts";
import { regularFile } from "./inbox.ts";
import { folderLocation } from "./places.ts";
import { failure, type Refusal } from "./status.ts";
import { buildView, hasRole } from "./view.ts";

/** What an account has stored: as it was measured, and what its open files have grown by since. */
interface Stored {
  measuredBytes: number;
  grownBytes: number;
  /** By performance.now(). */
  nextMeasureMs: number;
  measuring: Promise<void> | undefined;
}

const MEASURE_EVERY_MS = 2_000;
/** Folders with very many files take their time: measuring may take this part of it at most. */
const MEASURING_SHARE = 0.05;

/**
 * What each account's files take that have not been worked off: all that is in its Uploads folders, parts included, and
 * what is being processed. Measured every few seconds while an account writes, and counted in between; several gateways
 * see each other's files at the next measure.
 */
export class AccountQuotas implements Quotas {
  readonly #context: Omit<Context, "quotas">;
  readonly #accounts = new Map<number, Stored>();

  constructor(context: Omit<Context, "quotas">) {
    this.#context = context;
  }

  async checkRoom(principal: Principal): Promise<void> {
    const stored = this.#storedBy(principal);
    if (stored.nextMeasureMs <= performance.now()) await this.#measure(principal, stored);
    if (!this.#fits(stored)) throw this.#full();
  }

  grow(principal: Principal, bytes: number): Refusal | undefined {
    if (bytes <= 0) return undefined;
    const stored = this.#storedBy(principal);
    stored.grownBytes += bytes;
    if (stored.nextMeasureMs <= performance.now()) {
      void this.#measure(principal, stored).catch((err: unknown) => {
        this.#context.logger.warn({ err, accountId: principal.accountId }, "could not measure what an account stores");
      });
    }
    return this.#fits(stored) ? undefined : this.#full();
  }

  #fits({ measuredBytes, grownBytes }: Stored): boolean {
    return measuredBytes + grownBytes < this.#context.limits.accountBytes;
  }

  #full(): Refusal {
    const { accountBytes } = this.#context.limits;
    return failure(
      `Files of this account that are not processed yet may have at most ${accountBytes} bytes together. Wait until some are done, or remove some`,
    );
  }

  #storedBy({ accountId }: Principal): Stored {
    let stored = this.#accounts.get(accountId);
    if (stored === undefined) {
      stored = { measuredBytes: 0, grownBytes: 0, nextMeasureMs: 0, measuring: undefined };
      this.#accounts.set(accountId, stored);
    }
    return stored;
  }

  #measure(principal: Principal, stored: Stored): Promise<void> {
    stored.measuring ??= this.#measureNow(principal, stored).finally(() => {
      stored.measuring = undefined;
    });
    return stored.measuring;
  }

  async #measureNow(principal: Principal, stored: Stored): Promise<void> {
    const startedMs = performance.now();
    const grownBefore = stored.grownBytes;
    const bytes = await this.#bytesOf(principal);
    const nowMs = performance.now();
    stored.measuredBytes = bytes;
    stored.grownBytes -= grownBefore;
    stored.nextMeasureMs = nowMs + Math.max(MEASURE_EVERY_MS, (nowMs - startedMs) / MEASURING_SHARE);
  }

  async #bytesOf({ accountId, clientId, jail }: Principal): Promise<number> {
    const { database, dataFolder } = this.#context;
    let bytes = await bytesUnderWay(database, { accountId, clientId });
    // All of the client's folders: also those of projects that the account sees no more.
    for (const folder of buildView(await clientFolders(database, clientId), null).folders.filter(hasRole)) {
      if (folder.role !== "uploads") continue;
      const path = join(dataFolder, folderLocation(jail, folder.segments));
      for (const name of await readdir(path).catch(() => [])) {
        bytes += (await regularFile(join(path, name)))?.size ?? 0;
      }
    }
    return bytes;
  }
}
