import { createWriteStream } from "node:fs";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { artifactKindSchema } from "@inlet/contracts";
import { usageFailure } from "../failure.ts";
import { bytes } from "../figures.ts";
import { type GlobalOptions, openSession } from "../session.ts";
import { printable } from "../terminal.ts";

interface DownloadOptions extends GlobalOptions {
  output?: string;
}

/** Saves a stored file. A file that is there already is not overwritten, unless it was named. */
export async function download(batchId: number, kind: string, options: DownloadOptions): Promise<void> {
  const parsed = artifactKindSchema.safeParse(kind);
  if (!parsed.success)
    throw usageFailure(`${kind} is no stored file; there are ${artifactKindSchema.options.join(", ")}.`);
  const { api, out, result } = await openSession(options);
  const artifact = await api.artifact(batchId, parsed.data);
  const body = Readable.fromWeb(artifact.body as Parameters<typeof Readable.fromWeb>[0]);
  if (options.output === "-") return await pipeline(body, process.stdout, { end: false });
  // The name comes from outside: never a folder, never hidden.
  const file = options.output ?? printable(basename(artifact.name)).replace(/^\.+/, "_");
  await pipeline(body, createWriteStream(file, { flags: options.output === undefined ? "wx" : "w" }));
  out.line(`Saved ${file}, ${bytes(artifact.sizeBytes)}`);
  result({ file, sizeBytes: artifact.sizeBytes });
}
