import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { simpleParser } from "mailparser";

/** What the list of mails shows. Written beside the mail, so that a start need not read every mail again. */
export type MailSummary = {
  id: string;
  receivedAt: string;
  /** The addresses of the SMTP dialogue: who really got it, blind copies included. */
  envelope: { from: string; to: string[] };
  from: string;
  to: string;
  subject: string;
  messageId: string | undefined;
  preview: string;
  attachmentCount: number;
  sizeBytes: number;
};

/** A mail as a person reads it. */
export type Mail = MailSummary & {
  text: string;
  html: string | undefined;
  headers: { name: string; value: string }[];
  attachments: { filename: string; contentType: string; sizeBytes: number }[];
};

/** Received mails: `<id>.eml` holds the exact bytes, `<id>.json` the summary. */
export type MailStore = {
  list: () => MailSummary[];
  save: (raw: Buffer, envelope: MailSummary["envelope"]) => Promise<MailSummary>;
  raw: (id: string) => Promise<Buffer | undefined>;
  read: (id: string) => Promise<Mail | undefined>;
  attachment: (
    id: string,
    index: number,
  ) => Promise<{ contentType: string; filename: string; content: Buffer } | undefined>;
  clear: () => Promise<void>;
  /** Calls back after every change; returns what ends it. */
  onChange: (listener: () => void) => () => void;
};

const PREVIEW_LENGTH = 140;

/** Opens the mails of a folder, which is made when it is not there. */
export async function openMailStore(folder: string): Promise<MailStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const mails = new Map<string, MailSummary>();
  for (const summary of await loadSummaries(folder)) mails.set(summary.id, summary);
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const fileOf = (id: string, extension: string) => path.join(folder, `${id}.${extension}`);
  const raw = async (id: string) => (mails.has(id) ? readFile(fileOf(id, "eml")) : undefined);
  const parse = async (id: string) => {
    const bytes = await raw(id);
    return bytes && simpleParser(bytes);
  };

  return {
    list: () => [...mails.values()].sort((a, b) => (a.id < b.id ? 1 : -1)),
    raw,
    save: async (bytes, envelope) => {
      const summary = await summarise(bytes, envelope);
      await writeSynced(fileOf(summary.id, "json"), JSON.stringify(summary));
      await writeSynced(fileOf(summary.id, "eml"), bytes);
      mails.set(summary.id, summary);
      changed();
      return summary;
    },
    read: async (id) => {
      const summary = mails.get(id);
      const parsed = await parse(id);
      if (!summary || !parsed) return undefined;
      return {
        ...summary,
        text: parsed.text ?? "",
        html: parsed.html || undefined,
        headers: parsed.headerLines.map(({ line }) => {
          const colon = line.indexOf(":");
          return { name: line.slice(0, colon), value: line.slice(colon + 1).trim() };
        }),
        attachments: parsed.attachments.map(({ filename, contentType, size }, index) => ({
          filename: filename ?? `attachment-${index + 1}`,
          contentType,
          sizeBytes: size,
        })),
      };
    },
    attachment: async (id, index) => {
      const found = (await parse(id))?.attachments[index];
      if (!found) return undefined;
      const { contentType, content, filename = `attachment-${index + 1}` } = found;
      return { contentType, content, filename };
    },
    clear: async () => {
      const ids = [...mails.keys()];
      mails.clear();
      for (const id of ids) for (const extension of ["eml", "json"]) await rm(fileOf(id, extension), { force: true });
      changed();
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The mail itself is renamed into place last: a summary without a mail was cut off by a kill and does not count. */
async function loadSummaries(folder: string): Promise<MailSummary[]> {
  const names = await readdir(folder);
  const ids = names.filter((name) => name.endsWith(".eml")).map((name) => name.slice(0, -4));
  return Promise.all(ids.map(async (id) => JSON.parse(await readFile(path.join(folder, `${id}.json`), "utf8"))));
}

let lastStamp = 0;

async function summarise(bytes: Buffer, envelope: MailSummary["envelope"]): Promise<MailSummary> {
  const parsed = await simpleParser(bytes);
  // Ids sort by arrival, also within one millisecond.
  lastStamp = Math.max(Date.now(), lastStamp + 1);
  const receivedAt = new Date(lastStamp).toISOString();
  return {
    id: `${receivedAt.replaceAll(/[-:.]/g, "")}-${randomBytes(4).toString("hex")}`,
    receivedAt,
    envelope,
    from: parsed.from?.text ?? envelope.from,
    to:
      [parsed.to ?? []]
        .flat()
        .map(({ text }) => text)
        .join(", ") || envelope.to.join(", "),
    subject: parsed.subject ?? "",
    messageId: parsed.messageId,
    preview: (parsed.text ?? "").replaceAll(/\s+/g, " ").trim().slice(0, PREVIEW_LENGTH),
    attachmentCount: parsed.attachments.length,
    sizeBytes: bytes.length,
  };
}

/** On disk before the sender is told so. */
async function writeSynced(file: string, content: string | Buffer): Promise<void> {
  const handle = await open(`${file}.new`, "w", 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}
