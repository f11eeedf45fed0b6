import { createTransport } from "nodemailer";
import type { Attachment } from "./attachments.ts";
import type { Mail } from "./mail.ts";
import { brief, smtpFault } from "./smtp-fault.ts";
import { smtpOptions } from "./smtp-options.ts";

/** A way out to one mail server. */
export interface Mailer {
  /**
   * Sends one mail to its one recipient, in an SMTP transaction of its own. Resolves to the server's answer when it has
   * taken the mail over. Attachments are read once, as they go out.
   * @throws InvalidInput when it is refused for good, Unavailable when a later attempt may do
   */
  send(mail: Mail, attachments?: readonly Attachment[]): Promise<{ response: string }>;
  /** Lets mails under way end, and closes the connections. */
  close(): void;
}

/** Opens the way out. No connection is made before the first mail. `connections`: at most so many at once. */
export function openMailer(smtpUrl: string, connections: number): Mailer {
  const options = smtpOptions(smtpUrl, connections);
  const transport = createTransport(options);
  const server = `${options.host}:${options.port}`;
  return {
    async send(mail, attachments = []) {
      try {
        const { response } = await transport.sendMail(messageOf(mail, attachments));
        return { response: brief(response) };
      } catch (error) {
        throw smtpFault(error, { recipient: mail.to, server });
      }
    },
    close: () => transport.close(),
  };
}

/** The mail as nodemailer takes it, with everything set that it would else make up anew each time. */
export function messageOf(mail: Mail, attachments: readonly Attachment[] = []) {
  return {
    envelope: { from: mail.from.address, to: [mail.to] },
    from: mail.from,
    to: { name: "", address: mail.to },
    ...(mail.replyTo !== undefined && { replyTo: { name: "", address: mail.replyTo } }),
    subject: mail.subject,
    date: mail.date,
    messageId: mail.messageId,
    references: [mail.threadId],
    ...(mail.inReplyTo !== undefined && { inReplyTo: mail.inReplyTo }),
    headers: {
      // RFC 3834: no vacation notice answers it. Exchange asks for the other one.
      "Auto-Submitted": mail.autoSubmitted,
      "X-Auto-Response-Suppress": "All",
    },
    baseBoundary: mail.boundary,
    boundaryPrefix: "=_inlet",
    text: mail.text,
    html: mail.html,
    attachments: attachments.map(({ name, content }) => ({
      filename: name,
      content,
      // Never text, which mail servers on the way may rewrite.
      contentType: /\.zip$/i.test(name) ? "application/zip" : "application/octet-stream",
      contentTransferEncoding: "base64" as const,
      contentDisposition: "attachment" as const,
    })),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
