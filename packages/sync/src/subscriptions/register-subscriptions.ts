import { AppError } from "@inlet/contracts";
import {
  endSubscription,
  keepCatalog,
  type LiveProject,
  liveProject,
  noteMisconfigured,
  projectsWithSubscriptions,
  projectVersions,
  redefineSubscription,
  registeredSubscriptions,
  registerSubscription,
  type StoredError,
  transaction,
} from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import { openCatalog } from "../catalog/open-catalog.ts";
import type { ConflictFunctions } from "../merge/rules.ts";
import { catalogPlace } from "./catalog-reader.ts";
import { compareSubscriptions, type ProfileSubscription, profileSubscriptions } from "./compare-subscriptions.ts";
import { openSubscription, type SubscriptionHost } from "./subscription-host.ts";

export interface RegistrationOptions extends SubscriptionHost {
  conflicts: ConflictFunctions;
  logger: Logger;
  everyMs: number;
}

/** Those that cannot be run are looked at again every so many times: a secret may be stored by now. */
const MISCONFIGURED_EVERY = 3;

/**
 * Keeps the subscriptions that there are in step with what live profiles say, and says of each that cannot be run why. Each process
 * does it; what two do at once is done once.
 */
export function keepRegistered(options: RegistrationOptions): { close(): Promise<void> } {
  const { database, logger, everyMs } = options;
  /** Project → what of it was looked at. */
  const seen = new Map<number, string>();
  const misconfigured = new Set<number>();
  let turns = 0;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> = Promise.resolve();

  async function look(): Promise<void> {
    turns += 1;
    if (turns % MISCONFIGURED_EVERY === 0) for (const id of misconfigured) seen.delete(id);
    const registered = seen.size === 0 ? new Set(await projectsWithSubscriptions(database)) : undefined;
    for (const { id, version, state } of await projectVersions(database)) {
      if (isClosed) return;
      const mark = `${version} ${state}`;
      if (seen.get(id) === mark) continue;
      await lookAt(id, mark, registered);
    }
  }

  async function lookAt(projectId: number, mark: string, registered: ReadonlySet<number> | undefined): Promise<void> {
    try {
      const project = await liveProject(database, projectId);
      if (project !== undefined) {
        const wanted = profileSubscriptions(project.profile);
        misconfigured.delete(projectId);
        const isKnownEmpty = registered !== undefined && !registered.has(projectId);
        if (wanted.length > 0 || !isKnownEmpty) {
          const count = await registerProject(options, project, wanted);
          if (count > 0) misconfigured.add(projectId);
        }
      }
      seen.set(projectId, mark);
    } catch (err) {
      logger.warn({ err, projectId }, "could not register a project's subscriptions; will try again");
    }
  }

  async function turn(): Promise<void> {
    try {
      await look();
    } catch (err) {
      logger.warn({ err }, "could not look for subscriptions to register; will look again");
    }
    if (!isClosed) timer = setTimeout(begin, everyMs);
  }
  function begin(): void {
    underWay = turn();
  }
  begin();
  return {
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await underWay;
      clearTimeout(timer);
    },
  };
}

/** Registers what one project's profile says. Returns how many of its subscriptions cannot be run. */
async function registerProject(
  options: RegistrationOptions,
  project: LiveProject,
  wanted: readonly ProfileSubscription[],
): Promise<number> {
  const { database, logger } = options;
  const { projectId, project: slug } = project;
  const { begin, redefine, end } = compareSubscriptions(wanted, await registeredSubscriptions(database, projectId));
  const log = logger.child({ project: slug });
  for (const id of end) {
    await endSubscription(database, id);
    log.info({ subscriptionId: id }, "a subscription has ended: its profile does not name it any more");
  }
  for (const each of redefine) {
    await redefineSubscription(database, each);
    log.info({ subscriptionId: each.id }, "a subscription has another definition");
  }
  for (const { table, definition } of begin) {
    const { id: catalogId } = await keepCatalog(database, { projectId, tableName: table });
    const id = await registerSubscription(database, { projectId, catalogId, definition });
    if (id !== undefined) log.info({ subscriptionId: id, subscription: definition.name }, "a subscription is new");
  }
  return await judgeAll(options, project);
}

/** Opens each subscription once, to see whether it can be; connects to nothing. */
async function judgeAll(options: RegistrationOptions, project: LiveProject): Promise<number> {
  const { database } = options;
  const { projectId, profile } = project;
  const faults = new Map<string, StoredError | null>();
  let count = 0;
  for (const { id, table, catalogId, definition, misconfigured } of await registeredSubscriptions(
    database,
    projectId,
  )) {
    const place = { ...project, catalogId, profile, table, subscriptionId: id, definition };
    const fault =
      (await faultOf(async () => await (await openSubscription(options, place)).close())) ??
      (project.state === "live" ? await catalogFault(options, project, table, faults) : null);
    if (fault !== null) count += 1;
    if (fault?.code === misconfigured?.code && fault?.message === misconfigured?.message) continue;
    await noteMisconfigured(database, { id, error: fault });
  }
  return count;
}

/** A catalog that nobody has written to yet is made now, so that its table is there for those who look. */
async function catalogFault(
  { database, conflicts }: RegistrationOptions,
  { profile, projectId }: LiveProject,
  table: string,
  faults: Map<string, StoredError | null>,
): Promise<StoredError | null> {
  const known = faults.get(table);
  if (known !== undefined) return known;
  const fault = await faultOf(() =>
    transaction(database, async (tx) => {
      await openCatalog(tx, catalogPlace(profile, projectId, table), conflicts);
    }),
  );
  faults.set(table, fault);
  return fault;
}

/** What a person has to mend; other faults pass, and are thrown. */
async function faultOf(work: () => Promise<void>): Promise<StoredError | null> {
  try {
    await work();
    return null;
  } catch (err) {
    if (!(err instanceof AppError) || err.retryable) throw err;
    const { code, message } = err;
    return { code, message, retryable: false };
  }
}
