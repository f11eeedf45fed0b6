import type { LookupFunction } from "node:net";
import type { Readable } from "node:stream";
import { type Mailbox, Unavailable } from "@inlet/contracts";
import type { RemoteNetwork } from "@inlet/remote-network";
import { ImapFlow } from "imapflow";
import { mailboxError, nameOf, protocolOf } from "./mailbox-error.ts";

/** A message, before it is read. */
export interface MailHead {
  sizeBytes: number;
  /** Its header, or the beginning of one that is longer than anybody's is. */
  header: Buffer;
  isHeaderWhole: boolean;
}

/** A folder of a mailbox that is open. */
export interface MailSession {
  uidValidity: number;
  /** The messages with greater UIDs, in their order. Those that their owner has marked as deleted are none. */
  newerThan(uid: number): Promise<number[]>;
  /** Undefined when the message is gone. */
  head(uid: number): Promise<MailHead | undefined>;
  /** Its bytes, up to `maxBytes`, fetched as they are read. Undefined when it is gone. Its flags stay as they are. */
  read(uid: number, maxBytes: number): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Adds flags, as far as the server lets us keep any. Returns whether it has. */
  mark(uid: number, flags: readonly string[]): Promise<boolean>;
  close(): Promise<void>;
}

interface OpenOptions {
  /** Which addresses may be connected to. */
  network: RemoteNetwork;
  /** Ends the session, whatever it is doing. */
  signal: AbortSignal;
}

const CONNECT_MS = 15_000;
/** A server that is silent for so long is given up. */
const SILENCE_MS = 60_000;
/** Postfix takes headers of up to 100 KB (header_size_limit). */
const MAX_HEADER_BYTES = 256 * 1024;
const CHUNK_BYTES = 256 * 1024;
/** Bounds what a broken server can make us hold: we ask for no more than a chunk at a time. */
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

/**
 * Logs in to a mailbox and opens its folder. Close the session when done.
 * @throws Misconfigured `remote_address_refused`, `remote_clear_text`, `mailbox_certificate`, `mailbox_tls`,
 *   `mailbox_login_refused`, `mailbox_folder_missing`
 * @throws Unavailable `mailbox_unreachable`; its functions throw that, too
 */
export async function openMailSession(
  mailbox: Mailbox,
  password: string,
  { network, signal }: OpenOptions,
): Promise<MailSession> {
  const failed = (error: unknown) => {
    throw mailboxError(mailbox, signal.aborted ? signal.reason : error);
  };
  const client = await prepare(mailbox, password, network).catch(failed);
  const end = () => client.close();
  // From the first byte: a server that is never silent, and never done, would hold us for ever.
  signal.addEventListener("abort", end, { once: true });
  const close = async () => {
    await client.logout().catch(end);
    signal.removeEventListener("abort", end);
  };
  try {
    signal.throwIfAborted();
    await client.connect();
    // An answer before TLS could be anybody's (a greeting with PREAUTH needs no login).
    if (mailbox.tls !== "none" && !client.secureConnection) throw notEncrypted(mailbox);
    const { uidValidity } = await client.mailboxOpen(mailbox.folder);
    return { ...operations(client, failed), uidValidity: Number(uidValidity), close };
  } catch (error) {
    signal.removeEventListener("abort", end);
    client.close();
    return failed(error);
  }
}

/** A client that is not connected yet, and will be where it may. */
async function prepare(mailbox: Mailbox, password: string, network: RemoteNetwork): Promise<ImapFlow> {
  const { host, port, tls, username } = mailbox;
  // Resolved and checked once, and connected to as checked: the name may stand for another address the next time.
  const addresses = await network.addressesOf(
    { host, port },
    { protocol: protocolOf(tls), isClearText: tls === "none" },
  );
  // Asked for every host but an address, which needs no resolving.
  const lookup: LookupFunction = (_host, { all }, found) =>
    all ? found(null, [...addresses]) : found(null, addresses[0]!.address, addresses[0]!.family);
  const client = new ImapFlow({
    host,
    port,
    secure: tls === "implicit",
    doSTARTTLS: tls === "starttls",
    tls: { lookup, rejectUnauthorized: true, minVersion: "TLSv1.2" } as object,
    auth: { user: username, pass: password },
    clientInfo: { name: "Inlet" },
    logger: false,
    disableAutoIdle: true,
    disableCompression: true,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    maxLineLength: MAX_RESPONSE_BYTES,
    maxLiteralSize: MAX_RESPONSE_BYTES,
    maxResponseSize: 2 * MAX_RESPONSE_BYTES,
  });
  // What was under way fails with it; without a listener it would end the process.
  client.on("error", () => {});
  return client;
}

function operations(client: ImapFlow, failed: (error: unknown) => never): Omit<MailSession, "uidValidity" | "close"> {
  return {
    async newerThan(uid) {
      const found = await client.search({ uid: `${uid + 1}:*`, deleted: false }, { uid: true }).catch(failed);
      if (!found) return failed(new Error("it does not search the folder"));
      // `*` is the last message, even where that has a smaller UID (RFC 9051, 9: seq-range).
      return found.filter((each) => each > uid).sort((a, b) => a - b);
    },
    async head(uid) {
      const asked = { size: true, bodyParts: [{ key: "header", start: 0, maxLength: MAX_HEADER_BYTES }] };
      const message = await client.fetchOne(String(uid), asked, { uid: true }).catch(failed);
      if (!message) return undefined;
      const { size: sizeBytes, headers: header } = message;
      if (header === undefined || sizeBytes === undefined) {
        return failed(new Error(`it does not show the header of message ${uid}`));
      }
      return { sizeBytes, header, isHeaderWhole: header.length < MAX_HEADER_BYTES };
    },
    async read(uid, maxBytes) {
      const { content } = await client
        .download(String(uid), undefined, { uid: true, chunkSize: CHUNK_BYTES, maxBytes })
        .catch(failed);
      return content && bytesOf(content, failed);
    },
    async mark(uid, flags) {
      return await client.messageFlagsAdd(String(uid), [...flags], { uid: true, silent: true }).catch(failed);
    },
  };
}

/** Its end is the message's: a session that breaks off throws. */
async function* bytesOf(content: Readable, failed: (error: unknown) => never): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    failed(error);
  }
}

const notEncrypted = (mailbox: Mailbox) =>
  new Unavailable({
    code: "mailbox_unreachable",
    message: `${nameOf(mailbox)} answered before the connection was encrypted; what it says is not believed.`,
  });
