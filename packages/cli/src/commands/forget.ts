import { setTimeout as pause } from "node:timers/promises";
import type { ForgetBody, Forgetting } from "@inlet/contracts";
import { EXIT } from "../exit-codes.ts";
import { CliFailure, usageFailure } from "../failure.ts";
import { forgettingLines } from "../forgetting-text.ts";
import { readProjectName } from "../project-name.ts";
import { type GlobalOptions, openSession } from "../session.ts";
import { readStandardInput } from "../standard-input.ts";

interface ForgetOptions extends GlobalOptions {
  batch?: number;
  record?: number;
  column?: string;
  value?: string;
  preview?: boolean;
  reason?: string;
  yes?: boolean;
  wait?: boolean;
  confirm?: number;
  drop?: number;
  retry?: number;
  list?: boolean;
}

const POLL_MS = 500;
const MOVING: readonly Forgetting["state"][] = ["searching", "removing"];

/** Forgets a recipient, looks how much that would be, or tells of orders that were given. */
export async function forget(projectName: string, options: ForgetOptions): Promise<void> {
  const { client, project } = readProjectName(projectName);
  const { confirm, drop, retry, list } = options;
  const orders = [confirm, drop, retry, list].filter((each) => each !== undefined);
  const who = [options.batch, options.record, options.column, options.value].filter((each) => each !== undefined);
  if (orders.length > 1 || (orders.length === 1 && who.length > 0)) {
    throw usageFailure("One thing at a time: --list, --confirm, --drop or --retry, or whoever is to be forgotten.");
  }
  if (list) return await listForgettings({ client, project, options });
  const body = orders.length === 0 ? await bodyOf(options) : undefined;
  if (body !== undefined && !body.preview && !options.yes) {
    throw usageFailure("There is no way back. Look first with --preview, or say --yes.");
  }
  const session = await openSession(options);
  const { api } = session;
  const order =
    confirm !== undefined
      ? await api.confirmForgetting(client, project, confirm)
      : drop !== undefined
        ? await api.dropForgetting(client, project, drop)
        : retry !== undefined
          ? await api.retryForgetting(client, project, retry)
          : await api.forget(client, project, body!);
  await tell(session, { client, project, order, waits: options.wait !== false });
}

async function listForgettings({
  client,
  project,
  options,
}: {
  client: string;
  project: string;
  options: GlobalOptions;
}): Promise<void> {
  const { api, out, result } = await openSession(options);
  const page = await api.forgettings(client, project);
  if (page.forgettings.length === 0) out.line("Nobody was to be forgotten yet.");
  for (const order of page.forgettings) for (const line of forgettingLines(order)) out.line(line);
  result(page);
}

async function bodyOf({ batch, record, column, value, preview = false, reason }: ForgetOptions): Promise<ForgetBody> {
  const more = { preview, ...(reason !== undefined && { reason }) };
  if (batch !== undefined && record !== undefined && column === undefined && value === undefined)
    return { batch, record, ...more };
  if (batch === undefined && record === undefined && column !== undefined && value !== undefined) {
    // An argument stands in the shell's history and in the list of processes.
    return { column, value: value === "-" ? (await readStandardInput()).trim() : value, ...more };
  }
  throw usageFailure(
    "Say who: --batch NUMBER --record NUMBER, or --column NAME --value VALUE (- reads it from standard input).",
  );
}

async function tell(
  { api, out, result }: Awaited<ReturnType<typeof openSession>>,
  { client, project, order, waits }: { client: string; project: string; order: Forgetting; waits: boolean },
): Promise<void> {
  let now = order;
  while (waits && MOVING.includes(now.state)) {
    await pause(POLL_MS);
    now = await api.forgetting(client, project, now.id);
  }
  for (const line of forgettingLines(now)) out.line(line);
  if (now.state === "found")
    out.line(`To do it, within an hour: inlet forget ${client}/${project} --confirm ${now.id}`);
  result(now);
  if (now.state === "failed") {
    const message = `Order ${now.id} failed. Try it again: inlet forget ${client}/${project} --retry ${now.id}`;
    throw new CliFailure(EXIT.conflict, "forgetting_failed", message);
  }
}
