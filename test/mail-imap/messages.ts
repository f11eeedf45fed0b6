import { randomUUID } from "node:crypto";
import { wrap } from "@inlet/envelope";

export const TRUSTED_SERVER = "mx.hub.example";
export const SENDER = "data@client.example";
/** Of the clients' ZIP files. */
export const ZIP_PASSWORD = "correct horse";

interface MailOptions {
  from?: string;
  /** What the mailbox's server found, as it writes it on top; null: it wrote nothing. */
  results?: string | null;
  /** Fields below that, as the sender wrote them. */
  fields?: readonly string[];
  messageId?: string;
  fileName?: string;
  file?: Buffer;
}

/** What the mailbox's server writes when all is well. */
export const PASSED = `${TRUSTED_SERVER}; dmarc=pass (p=reject) header.from=client.example`;

/** A message as a mail server puts it into a mailbox: its own fields on top, a text, a file. */
export function buildMail({
  from = `Data <${SENDER}>`,
  results = PASSED,
  fields = [],
  messageId = `<${randomUUID()}@client.example>`,
  fileName = "data.zip",
  file = Buffer.alloc(0),
}: MailOptions): Buffer {
  const encoded = file.toString("base64").replace(/.{76}/g, "$&\r\n");
  return Buffer.from(
    [
      "Return-Path: <data@client.example>",
      ...(results ? [`Authentication-Results: ${results}`] : []),
      "Received: from mail.client.example by mx.hub.example; Fri, 20 Nov 2026 09:00:00 +0000",
      ...fields,
      `From: ${from}`,
      "To: files@hub.example",
      "Subject: Today's file",
      `Message-ID: ${messageId}`,
      "MIME-Version: 1.0",
      'Content-Type: multipart/mixed; boundary="part"',
      "",
      "--part",
      "Content-Type: text/plain",
      "",
      "Please find our file attached.",
      "--part",
      `Content-Type: application/zip; name="${fileName}"`,
      `Content-Disposition: attachment; filename="${fileName}"`,
      "Content-Transfer-Encoding: base64",
      "",
      encoded,
      "--part--",
      "",
    ].join("\r\n"),
    "latin1",
  );
}

/** A data file in a ZIP with the clients' password. */
export async function zipOf(content: string | Buffer): Promise<Buffer> {
  const plain = Buffer.from(content);
  const options = { name: "data.csv", sizeBytes: plain.length, modifiedAt: new Date("2026-11-20T09:00:00Z") };
  const chunks: Uint8Array[] = [];
  const source = (async function* () {
    yield plain;
  })();
  const as = { as: "zip", password: ZIP_PASSWORD, encryption: "aes256" } as const;
  for await (const chunk of wrap(source, { ...options, as })) chunks.push(chunk);
  return Buffer.concat(chunks);
}
