import type { Profile, ReplyMessage } from "@inlet/contracts";
import type { AnsweredBatch } from "@inlet/database";
import { reportedBatch, sentFrom } from "./report.ts";

/**
 * What the answer to a file's e-mail tells. It is told in the open text of an e-mail: no cell's value is in it, nor what a
 * rule of the platform's own says, which may hold one.
 * @param profile undefined: it cannot be read any more, and nothing is attached
 */
export function replyMessage(profile: Profile | undefined, batch: AnsweredBatch, at: Date): ReplyMessage {
  const { client, project } = batch;
  return {
    event: "reply",
    ...(profile ? sentFrom(profile, batch.rehearsal) : { client, project, title: project }),
    rehearsal: batch.rehearsal,
    batch: reportedBatch(batch),
    findings: batch.findings.map(({ line, column, code, message }) => ({
      line,
      column,
      message: code.startsWith("hook_") ? `The record breaks the rule ${code.slice("hook_".length)}.` : message,
    })),
    files: batch.files,
    placed: batch.placed,
    replyBytes: profile?.email?.replyBytes ?? 0,
    answered: { subject: batch.subject, messageId: batch.messageId, to: batch.sentTo },
    at: at.toISOString(),
  };
}
