import type { MessagePayload } from "@inlet/contracts";
import { fileMail } from "./file-mail.ts";
import { keyMail } from "./key-mail.ts";
import { overdueMail } from "./overdue-mail.ts";
import { refusalMail } from "./refusal-mail.ts";
import { replyMail } from "./reply-mail.ts";
import { reportView } from "./report.ts";
import { reportHtml } from "./report-html.ts";
import { reportText } from "./report-text.ts";
import { subscriptionMail } from "./subscription-mail.ts";
import { webhookMail } from "./webhook-mail.ts";
import type { Worded } from "./worded.ts";

/**
 * Puts a message's facts into words. Pure: the same facts give the same words on every attempt.
 * @param consoleUrl where people reach the console; without it no mail links to it
 */
export function wordMessage(payload: MessagePayload, consoleUrl?: string): Worded {
  switch (payload.event) {
    case "received":
    case "started":
      return fileMail(payload);
    case "completed": {
      const view = reportView(payload, consoleUrl);
      return { subject: view.subject, text: reportText(view), html: reportHtml(view) };
    }
    case "reply":
      return replyMail(payload);
    case "mail_refused":
      return refusalMail(payload);
    case "run_overdue":
      return overdueMail(payload, consoleUrl);
    case "key_expires":
      return keyMail(payload);
    case "webhook_disabled":
      return webhookMail(payload);
    case "subscription_failing":
      return subscriptionMail(payload);
  }
}
