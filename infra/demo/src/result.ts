import type { BatchDetail } from "@inlet/contracts";
import { type Login, withSftp } from "./sftp.ts";

/** What came back for a file, and what its first link shows. */
export interface Returned {
  /** As the client sees it. */
  path: string;
  sizeBytes: number;
  /** The first lines, as text. */
  lines: string[];
  page: Opened | undefined;
  thumbnail: Opened | undefined;
}

/** A link that was opened. */
export interface Opened {
  url: string;
  status: number;
  /** The page's title, or the picture's type. */
  what: string;
  sizeBytes: number;
}

const HEAD_BYTES = 64 * 1024;
const FIRST_LINES = 4;
const OPEN_TIMEOUT_MS = 15_000;

/** Fetches the beginning of the result file from Downloads, as its client would, and opens the first row's links. */
export async function readReturned(batch: BatchDetail, login: Login): Promise<Returned | undefined> {
  const delivery = batch.deliveries.find(({ artifact }) => artifact === "result");
  if (delivery === undefined) return undefined;
  const head = await withSftp(login, async (sftp) => {
    const options = { readStreamOptions: { end: HEAD_BYTES - 1 } };
    return (await sftp.get(delivery.path, undefined, options as never)) as Buffer;
  });
  const text = decode(head);
  const [page, thumbnail] = [/https?:\/\/[^\s"',;|]+\/p\/[^\s"',;|]+/, /https?:\/\/[^\s"',;|]+\/t\/[^\s"',;|]+/].map(
    (pattern) => pattern.exec(text)?.[0],
  );
  return {
    path: delivery.path,
    sizeBytes: delivery.sizeBytes,
    lines: text.split(/\r\n|\r|\n/).slice(0, FIRST_LINES),
    page: page === undefined ? undefined : await openLink(page),
    thumbnail: thumbnail === undefined ? undefined : await openLink(thumbnail),
  };
}

function decode(bytes: Buffer): string {
  // The cut may have gone through a character: what is lost there is not shown anyway.
  const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(whole.length > 0 ? whole : bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes, { stream: true });
  }
}

async function openLink(url: string): Promise<Opened> {
  const response = await fetch(url, { signal: AbortSignal.timeout(OPEN_TIMEOUT_MS), redirect: "error" });
  const body = Buffer.from(await response.arrayBuffer());
  const type = response.headers.get("content-type") ?? "";
  const title = type.startsWith("text/html") ? /<title>([^<]*)<\/title>/i.exec(body.toString())?.[1] : undefined;
  return { url, status: response.status, what: unescapeHtml(title ?? type), sizeBytes: body.length };
}

const ENTITIES: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };

function unescapeHtml(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity).trim();
}
