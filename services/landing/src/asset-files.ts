import { Unavailable } from "@inlet/contracts";
import { type AssetFile, assetFile, asUnavailable, type Database } from "@inlet/database";
import { createGate } from "./limits/gate.ts";
import { Lru } from "./limits/lru.ts";
import type { MissBudget } from "./limits/miss-budget.ts";

/**
 * Finds the files of storyboards by their SHA-256 (hexadecimal), for somebody at an address. Undefined: there is none.
 * @throws Unavailable where it cannot be known now: PostgreSQL is away, or this address has asked for too much that is not there
 */
export type AssetFiles = (sha256: string, address: string) => Promise<AssetFile | undefined>;

const REMEMBERED = 5_000;

/** Asks PostgreSQL once for each: a file never changes under its name. One that was cleared away is missed when it is opened. */
export function openAssetFiles(database: Database, budget: MissBudget): AssetFiles {
  const known = new Lru<string, AssetFile>(REMEMBERED);
  const gate = createGate({ atOnce: 2, maxWaiting: 200, maxWaitMs: 3_000 });

  async function ask(sha256: string): Promise<AssetFile | undefined> {
    try {
      return await gate.run(() => assetFile(database, sha256));
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  return async (sha256, address) => {
    const remembered = known.get(sha256);
    if (remembered !== undefined) return remembered;
    if (!budget.hasLeft(address, performance.now())) {
      throw new Unavailable({ code: "too_many_misses", message: "Too much was asked for that is not there." });
    }
    const file = await ask(sha256);
    if (file === undefined) budget.charge(address, performance.now());
    else known.set(sha256, file);
    return file;
  };
}
