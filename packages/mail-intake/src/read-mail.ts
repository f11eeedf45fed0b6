import { createHash } from "node:crypto";
import { once } from "node:events";
import type { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Reason } from "@inlet/contracts";
import { type MimeNode, Splitter, type SplitterChunk } from "@zone-eu/mailsplit";
import { readFileName } from "./file-name.ts";
import type { MailAttachment, MailLimits, ReadMail } from "./mail.ts";
import { identityOf, readFacts } from "./mail-facts.ts";
import { removeLocations, type SpooledFile, spoolFile, syncSpool } from "./spool.ts";

/** More parts than any mail program makes. */
const MAX_PARTS = 200;

/** Stops the reading of a message that its sender has to change. */
class MailFault extends Error {
  readonly reason: Reason;
  constructor(reason: Reason) {
    super(reason.message);
    this.reason = reason;
  }
}

/**
 * Reads a message as it comes, in bounded memory: its attachments are written to disk, its texts are passed over. (mailparser
 * itself gathers every text part in memory; this is the splitter and the decoders that it is made of.) What the sender did
 * wrong is a `fault` of the result; nothing more of `raw` is read then. Whoever calls this passes the result on to
 * `acceptMail` or `discardMail`.
 * @throws Unavailable `disk_full`; what `raw` throws. Nothing is left on disk then.
 */
export async function readMail(raw: AsyncIterable<Uint8Array> | Readable, limits: MailLimits): Promise<ReadMail> {
  const meter = openMeter(limits);
  const files = openAttachments(limits);
  let fault: Reason | null = null;
  try {
    await pipeline(raw, meter.count, openSplitter(limits), files.take);
    if (files.found.length > 0) await syncSpool(limits.dataFolder);
  } catch (error) {
    await files.discard();
    fault = faultOf(error);
    if (fault === null) throw error;
  }
  const facts = readFacts(meter.header());
  const { sizeBytes, hash } = meter.total();
  const attachments = fault ? [] : files.found;
  return { ...facts, identity: identityOf(facts, hash), sizeBytes, attachments, isWhole: true, fault };
}

/**
 * A message of which the header alone is read: enough to turn a stranger away.
 * @param header its first bytes, up to the empty line at least
 */
export function readHeaderOnly(header: Buffer, { sizeBytes, sha256 }: { sizeBytes: number; sha256: Buffer }): ReadMail {
  const facts = readFacts(header);
  return { ...facts, identity: identityOf(facts, sha256), sizeBytes, attachments: [], isWhole: false, fault: null };
}

/** Removes a message's attachments from disk. */
export async function discardMail(mail: ReadMail, dataFolder: string): Promise<void> {
  await removeLocations(
    dataFolder,
    mail.attachments.map(({ location }) => location),
  );
}

const openSplitter = ({ maxHeaderBytes }: MailLimits) =>
  // An attached message is a file like any other: what is in it was sent to somebody else.
  new Splitter({ ignoreEmbedded: true, maxHeadSize: maxHeaderBytes, maxChildNodes: MAX_PARTS });

function faultOf(error: unknown): Reason | null {
  if (error instanceof MailFault) return error.reason;
  if ((error as { code?: unknown }).code !== "EMAXLEN") return null;
  return {
    code: "mail_malformed",
    message: "The e-mail has more parts, or longer headers, than can be read. Attach the file to a plain, new e-mail.",
  };
}

/** Passes a message's bytes on, and remembers what they were. */
function openMeter({ maxBytes, maxHeaderBytes }: MailLimits) {
  const hash = createHash("sha256");
  const head: Buffer[] = [];
  let sizeBytes = 0;
  return {
    async *count(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
      for await (const bytes of source) {
        const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        if (sizeBytes < maxHeaderBytes) head.push(Buffer.from(chunk.subarray(0, maxHeaderBytes - sizeBytes)));
        hash.update(chunk.subarray(0, Math.max(0, maxBytes - sizeBytes)));
        sizeBytes += chunk.length;
        if (sizeBytes > maxBytes) {
          throw new MailFault(mailTooLarge(maxBytes));
        }
        yield chunk;
      }
    },
    header: () => Buffer.concat(head),
    total: () => ({ sizeBytes, hash: hash.digest() }),
  };
}

const inMegabytes = (bytes: number) => Math.floor(bytes / 100_000) / 10;

/** In words for its sender. */
export const mailTooLarge = (maxBytes: number): Reason => ({
  code: "mail_too_large",
  message: `The e-mail has more than ${inMegabytes(maxBytes)} MB, which is the most that is taken. Send the file another way, or in smaller files.`,
});

/** An attachment that is being written. */
interface Open {
  node: MimeNode;
  decoder: Transform;
  /** Never rejects unhandled: it is looked at at the end. */
  spooled: Promise<SpooledFile>;
}

function openAttachments({ dataFolder, maxAttachments }: MailLimits) {
  const found: MailAttachment[] = [];
  let current: Open | undefined;

  function begin(node: MimeNode): void {
    if (found.length >= maxAttachments) {
      throw new MailFault({
        code: "too_many_attachments",
        message: `The e-mail has more than ${maxAttachments} attachments, which is the most that is taken. Send several e-mails, or one ZIP.`,
      });
    }
    const decoder = node.getDecoder() as Transform;
    const spooled = spoolFile(decoder, dataFolder);
    spooled.catch(() => {});
    current = { node, decoder, spooled };
  }

  async function write({ decoder, spooled }: Open, bytes: Buffer): Promise<void> {
    // A writer that has failed drains no more.
    if (!decoder.write(bytes)) await Promise.race([once(decoder, "drain"), spooled]);
  }

  async function end(): Promise<void> {
    if (current === undefined) return;
    const { node, decoder, spooled } = current;
    current = undefined;
    decoder.end();
    const file = await spooled;
    found.push({
      ...file,
      name: node.filename ? readFileName(node.filename) : null,
      contentType: node.contentType || "application/octet-stream",
    });
  }

  return {
    found: found as readonly MailAttachment[],
    async take(chunks: AsyncIterable<SplitterChunk>): Promise<void> {
      for await (const chunk of chunks) {
        if (chunk.type === "node") {
          await end();
          if (mayHoldData(chunk)) begin(chunk);
        } else if (chunk.type === "body" && current?.node === chunk.node && chunk.value) {
          await write(current, chunk.value);
        }
      }
      await end();
    },
    async discard(): Promise<void> {
      current?.decoder.destroy();
      await current?.spooled.catch(() => {});
      await removeLocations(
        dataFolder,
        found.map(({ location }) => location),
      );
    },
  };
}

/** Parts that no data file ever is: what the mail says, its pictures, its signature, an invitation. */
const NO_DATA = /^(image|audio|video|font|multipart)\/|^text\/(calendar|vcard|x-vcard)$|-signature$|^message\//;

function mayHoldData({ multipart, contentType, disposition, filename }: MimeNode): boolean {
  if (multipart || NO_DATA.test(contentType || "")) return false;
  const isText = /^text\//.test(contentType || "text/plain");
  return !isText || disposition === "attachment" || Boolean(filename);
}
