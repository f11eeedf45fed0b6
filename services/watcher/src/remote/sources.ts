import type { AppError } from "@inlet/contracts";
import { dueSources, liveProject, recordAudit, recordLook, withSourceLock } from "@inlet/database";
import { faultOf, type Looking, MOST_DUE, watchDue } from "../looks.ts";
import type { RemoteSource } from "./listing.ts";
import { type Look, type LookParts, lookAtSource } from "./look.ts";
import { nextLookMs } from "./next-look.ts";

interface SourcesOptions extends LookParts {
  /** How often it is asked which sources are due. */
  everyMs: number;
  /** Sources looked at at once. Each holds a connection to PostgreSQL. */
  concurrency: number;
}

/**
 * Looks at all projects' remote sources when they are due. One watcher at a time looks at one source; a source that fails
 * is looked at later and later, and is told about in the log, in the audit and in `source_looks`.
 */
export function watchSources(options: SourcesOptions): { close(): Promise<void> } {
  const { database, logger, everyMs, concurrency } = options;
  return watchDue({
    what: "sources",
    due: () => dueSources(database, { limit: MOST_DUE }),
    async look(projectId, signal) {
      const startedMs = performance.now();
      const project = await liveProject(database, projectId);
      const source = project?.profile.source;
      if (project === undefined || source?.kind !== "sftp") return;
      await withSourceLock(database, projectId, () =>
        lookAndRecord(options, { ...project, startedMs }, source, signal),
      );
    },
    everyMs,
    concurrency,
    logger,
  });
}

async function lookAndRecord(
  options: SourcesOptions,
  project: Looking,
  source: RemoteSource,
  signal: AbortSignal,
): Promise<void> {
  let fault: AppError | undefined;
  let look: Look | undefined;
  try {
    look = await lookAtSource(options, project, source, signal);
    fault = look.problems[0];
  } catch (error) {
    fault = faultOf(error, signal);
  }
  await record(options, project, source, look, fault);
}

async function record(
  { database, logger }: SourcesOptions,
  { projectId, client, project, startedMs }: Looking,
  source: RemoteSource,
  look: Look | undefined,
  fault: AppError | undefined,
): Promise<void> {
  const error = fault ? { code: fault.code, message: withMore(fault.message, look?.problems.length ?? 1) } : null;
  const { failures, failuresBefore } = await recordLook(database, {
    projectId,
    tookMs: performance.now() - startedMs,
    error,
    pauseMs: (failed) => nextLookMs(source.pollSeconds, look ? 0 : failed, Math.random()),
  });
  const facts = { client, project, host: source.server.host, ...error, failures };
  const { fetched = 0, waiting = 0 } = look ?? {};
  if (fetched > 0 || waiting > 0) logger.debug({ ...facts, fetched, waiting }, "looked at a source");
  if (failures > 0 === failuresBefore > 0) return;
  if (fault) logger.warn({ ...facts, err: fault }, "a remote source fails");
  else logger.info(facts, "a remote source is well again");
  await recordAudit(database, {
    actor: "watcher",
    address: source.server.host,
    action: fault ? "source.failing" : "source.recovered",
    path: source.folder,
    outcome: error?.code ?? "ok",
    detail: { client, project, message: error?.message ?? null },
  });
}

const withMore = (message: string, problems: number) =>
  problems > 1 ? `${message} (and ${problems - 1} more files with problems)` : message;
