import type { Readable } from "node:stream";
import type { MailLimits, ReadMail } from "./mail.ts";

/**
 * Reads a message as it comes, in bounded memory: its attachments are written to disk, its texts are passed over. What the
 * sender did wrong is a `fault` of the result. Whoever calls this passes the result on to `acceptMail` or `discardMail`.
 * @throws Unavailable `disk_full`; what `raw` throws. Nothing is left on disk then.
 */
export declare function readMail(raw: AsyncIterable<Uint8Array> | Readable, limits: MailLimits): Promise<ReadMail>;

/** Removes a message's attachments from disk. */
export declare function discardMail(mail: ReadMail, dataFolder: string): Promise<void>;
