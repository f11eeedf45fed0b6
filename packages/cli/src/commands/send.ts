import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { Uploaded } from "@inlet/contracts";
import { endLines, issueLines, nextSteps } from "../batch-text.ts";
import { byteBar } from "../byte-bar.ts";
import { EXIT } from "../exit-codes.ts";
import { usageFailure } from "../failure.ts";
import { bytes, duration } from "../figures.ts";
import { batchOfArrival } from "../follow.ts";
import { interruptible } from "../interrupt.ts";
import { openLiveArea } from "../live-area.ts";
import { readProjectName } from "../project-name.ts";
import { type GlobalOptions, openSession, type Session } from "../session.ts";
import { exitCodeOf } from "../statuses.ts";
import { cut, printable } from "../terminal.ts";
import { planOf, watchBatch } from "../watch-batch.ts";

interface SendOptions extends GlobalOptions {
  project: string;
  name?: string;
  records?: number;
  wait: boolean;
}

/** A file to be sent. */
interface Source {
  name: string;
  sizeBytes: number | undefined;
  open: () => AsyncIterable<Uint8Array>;
}

const READ_BYTES = 256 * 1024;
const ISSUES_SHOWN = 5;

/** Uploads a file and follows its batch. Returns the exit code that says how it ended. */
export async function send(file: string, options: SendOptions): Promise<number> {
  const { client, project } = readProjectName(options.project);
  const source = await openSource(file, options.name);
  const session = await openSession(options);
  const { api, out } = session;
  // Also says at once, before anything is sent, when there is no such project.
  const plan = await planOf(api, client, project);
  const uploaded = await uploadFile(session, source, { client, project, records: options.records });
  if (!options.wait) {
    out.line(`Received as arrival ${uploaded.arrivalId}; \`inlet status\` shows its batch in a moment.`);
    session.result(uploaded);
    return EXIT.ok;
  }
  let words = `The file was received (arrival ${uploaded.arrivalId}) and is dealt with; \`inlet status\` shows how.`;
  return await interruptible(
    () => words,
    async (signal) => {
      const batchId = await batchOfArrival(api, uploaded.arrivalId, signal);
      words = `Batch ${batchId} goes on; \`inlet status ${batchId} --follow\` follows it.`;
      out.line(`${out.paint("bold", `Batch ${batchId}`)}  ${out.paint("dim", `${client}/${project}`)}`);
      const batch = await watchBatch(api, { batchId, plan, out, signal });
      for (const line of endLines(batch, out)) out.line(line);
      if (batch.issueCount > 0) {
        const found = await api.issues(batchId, { limit: ISSUES_SHOWN });
        for (const line of issueLines(batch, found, out)) out.line(line);
      }
      for (const line of nextSteps(batch, { issuesShown: ISSUES_SHOWN }, out)) out.line(line);
      session.result({ arrivalId: uploaded.arrivalId, batch });
      return exitCodeOf(batch.status);
    },
  );
}

async function openSource(file: string, name: string | undefined): Promise<Source> {
  if (file === "-") {
    if (name === undefined) throw usageFailure("Standard input has no name: give one with --name.");
    return { name, sizeBytes: undefined, open: () => process.stdin };
  }
  const found = await stat(file);
  if (!found.isFile()) throw usageFailure(`${file} is no file; name one file.`);
  const sizeBytes = found.size;
  return { name: name ?? basename(file), sizeBytes, open: () => createReadStream(file, { highWaterMark: READ_BYTES }) };
}

async function uploadFile(
  { api, out }: Session,
  source: Source,
  where: { client: string; project: string; records: number | undefined },
): Promise<Uploaded> {
  const area = openLiveArea(out);
  const startedAt = Date.now();
  let drawnAt = 0;
  const draw = (sentBytes: number) => {
    const now = Date.now();
    if (now - drawnAt < 50 && sentBytes !== source.sizeBytes) return;
    drawnAt = now;
    area.draw([
      `Sending ${out.paint("bold", cut(printable(source.name), out.columns - 8))}`,
      byteBar({ doneBytes: sentBytes, totalBytes: source.sizeBytes, elapsedMs: now - startedAt }, out),
    ]);
  };
  try {
    const words = () => "Interrupted: the file was not sent whole, and nothing of it was kept.";
    const uploaded = await interruptible(words, (signal) =>
      api.upload({ ...where, ...source, body: source.open(), onProgress: draw, signal }),
    );
    area.clear();
    const elapsedMs = Date.now() - startedAt;
    out.line(
      `Sent ${out.paint("bold", printable(source.name))}, ${bytes(uploaded.sizeBytes)} in ${duration(elapsedMs)}`,
    );
    return uploaded;
  } finally {
    area.close();
  }
}
