import type { Blobs } from "@inlet/blobs";
import { Unavailable } from "@inlet/contracts";
import type { Send } from "@inlet/pipeline";
import { failpoint } from "@inlet/runtime";
import { withAttachments } from "./attachments.ts";
import { composeMail, type Sender } from "./mail.ts";
import type { Mailer } from "./mailer.ts";

/**
 * Sends the outbox's messages as e-mails. Between the server's 250 and our commit nothing can be undone: a crash there
 * sends the same bytes again, under the same Message-ID (RFC 5321, 6.1: receivers may see a mail twice).
 */
export const sendMessage =
  ({
    mailer,
    blobs,
    from,
    consoleUrl,
  }: {
    mailer: Mailer;
    blobs: Blobs;
    from: Sender;
    /** Without a slash at its end. */
    consoleUrl?: string | undefined;
  }): Send =>
  async (message) => {
    const mail = composeMail(message, from, consoleUrl);
    const { response } = await withAttachments(blobs, mail.attached, (attachments) => {
      // Not handed on to the mailer: a mail that is cut off in the middle may or may not have gone.
      if (message.signal.aborted) {
        throw new Unavailable({ code: "interrupted", message: "The notifier was stopped; the message is sent later." });
      }
      return mailer.send(mail, attachments);
    });
    failpoint("send.after-250");
    return { response };
  };
