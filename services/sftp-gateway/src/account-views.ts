import { join } from "node:path";
import { type Account, accountByName, clientFolders } from "@inlet/database";
import { listHolds } from "./addresses.ts";
import type { Context, Principal } from "./context.ts";
import { patiently } from "./patience.ts";
import { ensureFolder, folderLocation } from "./places.ts";
import { buildView, type View } from "./view.ts";

/** Folders and permissions are read again after this time: what an operator changes counts within seconds. */
const FRESH_MS = 3_000;

interface Known {
  view: View;
  account: Account;
  readAt: number;
}

/** What the accounts see now. Shared by all connections of this process. */
export class AccountViews {
  readonly #context: Context;
  readonly #known = new Map<number, Promise<Known>>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** The view of an account; undefined when it may not be logged in (any more). */
  async viewOf(principal: Principal): Promise<View | undefined> {
    const { account, view } = await this.#fresh(principal);
    const allowed = account.cidrs.length === 0 || listHolds(account.cidrs, principal.address);
    return account.enabled && account.id === principal.accountId && allowed ? view : undefined;
  }

  async #fresh(principal: Principal): Promise<Known> {
    const current = this.#known.get(principal.accountId);
    if (current !== undefined) {
      const known = await current;
      if (performance.now() - known.readAt < FRESH_MS) return known;
      // While this one waited, another request may have begun to read.
      if (this.#known.get(principal.accountId) !== current) return this.#fresh(principal);
    }
    const reading = this.#read(principal);
    this.#known.set(principal.accountId, reading);
    reading.catch(() => this.#known.delete(principal.accountId));
    return await reading;
  }

  async #read({ username, accountId, clientId, jail }: Principal): Promise<Known> {
    const { database, logger, limits, dataFolder } = this.#context;
    const [account, projects] = await patiently(limits.patienceMs, () =>
      Promise.all([accountByName(database, username), clientFolders(database, clientId)]),
    );
    if (account === undefined)
      return { view: buildView([], []), account: goneAccount(username), readAt: performance.now() };
    const view = buildView(projects, account.projects);
    for (const path of view.conflicts) {
      logger.warn({ accountId, path }, "two projects name one folder; the older project has it");
    }
    await ensureFolder(dataFolder, folderLocation(jail, []));
    for (const folder of view.folders) {
      try {
        await ensureFolder(dataFolder, folderLocation(jail, folder.segments));
      } catch (err) {
        folder.role = undefined;
        logger.error({ err, accountId, folder: folder.path }, "a folder cannot be made; its files cannot be reached");
      }
    }
    return { view, account, readAt: performance.now() };
  }

  /** Forgets accounts that nobody has asked for lately. */
  forgetStale(): void {
    for (const [accountId, reading] of this.#known) {
      void reading.then(
        ({ readAt }) => {
          if (performance.now() - readAt > 20 * FRESH_MS && this.#known.get(accountId) === reading) {
            this.#known.delete(accountId);
          }
        },
        () => {},
      );
    }
  }

  /** Where a folder of the principal's is on disk. */
  onDisk({ jail }: Principal, segments: readonly string[]): string {
    return join(this.#context.dataFolder, folderLocation(jail, segments));
  }
}

/** Stands for an account that was removed while it was logged in. */
const goneAccount = (username: string): Account => ({
  id: 0,
  clientId: 0,
  username,
  jail: "",
  passwordHash: null,
  publicKeys: [],
  cidrs: [],
  projects: [],
  enabled: false,
});
