import type { AppError, Mailbox } from "@inlet/contracts";
import { dueMailboxes, liveProject, recordAudit, recordMailboxLook, withMailboxLock } from "@inlet/database";
import { faultOf, type Looking, MOST_DUE, watchDue } from "../looks.ts";
import { nextLookMs } from "../remote/next-look.ts";
import { lookAtMailbox, type MailboxLook, type MailboxParts } from "./look.ts";

interface MailboxesOptions extends MailboxParts {
  /** How often it is asked which mailboxes are due. */
  everyMs: number;
  /** Mailboxes looked at at once. Each holds a connection to PostgreSQL. */
  concurrency: number;
}

/**
 * Looks at all projects' mailboxes when they are due. One watcher at a time looks at one; a mailbox that fails is looked at
 * later and later, and is told about in the log, in the audit and in `mailbox_looks`.
 */
export function watchMailboxes(options: MailboxesOptions): { close(): Promise<void> } {
  const { database, logger, everyMs, concurrency } = options;
  return watchDue({
    what: "mailboxes",
    due: () => dueMailboxes(database, { limit: MOST_DUE }),
    async look(projectId, signal) {
      const startedMs = performance.now();
      const project = await liveProject(database, projectId);
      const mailbox = project?.profile.email?.mailbox;
      if (project === undefined || mailbox === undefined) return;
      await withMailboxLock(database, projectId, () =>
        lookAndRecord(options, { ...project, startedMs }, mailbox, signal),
      );
    },
    everyMs,
    concurrency,
    logger,
  });
}

async function lookAndRecord(
  options: MailboxesOptions,
  project: Looking,
  mailbox: Mailbox,
  signal: AbortSignal,
): Promise<void> {
  let fault: AppError | undefined;
  let look: MailboxLook | undefined;
  try {
    look = await lookAtMailbox(options, project, mailbox, signal);
    fault = look.problems[0];
  } catch (error) {
    fault = faultOf(error, signal);
  }
  await record(options, project, mailbox, look, fault);
}

async function record(
  { database, logger }: MailboxesOptions,
  { projectId, client, project, startedMs }: Looking,
  mailbox: Mailbox,
  look: MailboxLook | undefined,
  fault: AppError | undefined,
): Promise<void> {
  const error = fault ? { code: fault.code, message: fault.message } : null;
  const { failures, failuresBefore } = await recordMailboxLook(database, {
    projectId,
    tookMs: performance.now() - startedMs,
    error,
    pauseMs: (failed) => (look?.hasMore ? 0 : nextLookMs(mailbox.pollSeconds, look ? 0 : failed, Math.random())),
  });
  if (failures > 0 === failuresBefore > 0) return;
  const facts = { client, project, host: mailbox.host, ...error, failures };
  if (fault) logger.warn({ ...facts, err: fault }, "a mailbox fails");
  else logger.info(facts, "a mailbox is well again");
  await recordAudit(database, {
    actor: "watcher",
    address: mailbox.host,
    action: fault ? "mailbox.failing" : "mailbox.recovered",
    path: mailbox.folder,
    outcome: error?.code ?? "ok",
    detail: { client, project, message: error?.message ?? null },
  });
}
