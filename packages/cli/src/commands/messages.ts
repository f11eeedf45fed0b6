import type { ListedMessage, MessageState } from "@inlet/contracts";
import { usageFailure } from "../failure.ts";
import { clock } from "../figures.ts";
import { type GlobalOptions, openSession } from "../session.ts";
import { type Column, renderTable } from "../table.ts";

interface MessagesOptions extends GlobalOptions {
  state: MessageState;
  limit?: number;
}

const LISTED = 20;

/** Sends dead letters again: those named, or all. */
export async function resend(ids: readonly number[], options: GlobalOptions & { all?: boolean }): Promise<void> {
  if (ids.length === 0 && !options.all)
    throw usageFailure("Name messages, as `inlet messages` lists them, or say --all.");
  if (ids.length > 0 && options.all) throw usageFailure("Messages and --all are two things; choose one.");
  const { api, out, result } = await openSession(options);
  const answer = await api.retryMessages(options.all ? {} : { ids: [...ids] });
  const words = answer.retried === 1 ? "1 message is" : `${answer.retried} messages are`;
  out.line(`${words} due again.`);
  if (answer.left > 0) out.line(out.paint("yellow", `${answer.left} are left; say it again.`));
  const passedOver = ids.length - answer.retried;
  if (passedOver > 0) out.line(out.paint("yellow", `${passedOver} passed over: not there, or not failed for good.`));
  result(answer);
}

/** Lists messages in one state. */
export async function messages(options: MessagesOptions): Promise<void> {
  const { api, out, result } = await openSession(options);
  const page = await api.messages({ state: options.state, limit: options.limit ?? LISTED });
  const now = new Date();
  const columns: Column<ListedMessage>[] = [
    { title: "MESSAGE", text: ({ id }) => String(id), align: "right" },
    { title: "WRITTEN", text: ({ createdAt }) => clock(createdAt, now) },
    { title: "PROJECT", text: ({ client, project }) => `${client}/${project}` },
    {
      title: "ABOUT",
      text: ({ event, runId, batchId }) => {
        const what = batchId !== null ? ` batch ${batchId}` : runId !== null ? ` run ${runId}` : "";
        return `${event ?? ""}${what}`;
      },
    },
    { title: "TO", text: ({ recipient }) => recipient },
    { title: "TRIES", text: ({ attempts }) => String(attempts), align: "right" },
    { title: "ANSWER", text: ({ error, response }) => error?.message ?? response ?? "", flexible: true },
  ];
  if (page.messages.length === 0) out.line(`No messages that are ${options.state}.`);
  else for (const line of renderTable(page.messages, columns, out)) out.line(line);
  result(page);
}
