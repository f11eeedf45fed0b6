import { rmSync } from "node:fs";
import { open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { normalized, type Report } from "@inlet/delimited";
import { EXIT } from "../exit-codes.ts";
import { CliFailure, usageFailure } from "../failure.ts";
import type { DataFile } from "./data-file.ts";

/**
 * @throws CliFailure when the file to write is the one that is read, or a folder, or would lie in no folder
 */
export async function assertWritable(input: string, output: string): Promise<void> {
  const [read, written] = await Promise.all([stat(input).catch(() => undefined), stat(output).catch(() => undefined)]);
  if (written?.isDirectory()) throw usageFailure(`${output} is a folder; name a file for --normalized.`);
  if (read !== undefined && written !== undefined && read.dev === written.dev && read.ino === written.ino)
    throw usageFailure(`--normalized would overwrite ${input}, the file that is read; name another.`);
  const folder = dirname(output);
  if (!(await stat(folder).catch(() => undefined))?.isDirectory())
    throw usageFailure(`There is no folder ${folder} to write ${output} in.`);
}

/** What was written. */
export interface Written {
  written: number;
  leftOut: number;
  sizeBytes: number;
}

/**
 * Writes a file as it was understood: under a temporary name, and renamed when it is whole. What is no file, such as
 * /dev/stdout, is written as it comes. Nothing is left behind when it fails.
 */
export async function writeNormalized(
  { source }: DataFile,
  plan: NonNullable<Report["scan"]>,
  output: string,
  signal: AbortSignal,
): Promise<Written> {
  let counts = { written: 0, leftOut: 0 };
  const onEnd = (ended: typeof counts) => {
    counts = ended;
  };
  const chunks = normalized({ source, plan, signal, onEnd });
  const present = await stat(output).catch(() => undefined);
  try {
    const sizeBytes =
      present === undefined || present.isFile()
        ? await writeAndRename(chunks, output, signal)
        : await writeTo(output, "w", chunks, signal);
    return { ...counts, sizeBytes };
  } catch (error) {
    const { syscall, code } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new CliFailure(EXIT.usage, "not_written", `${output} cannot be written (${code}); nothing of it was kept.`);
  }
}

async function writeAndRename(chunks: AsyncIterable<Buffer>, output: string, signal: AbortSignal): Promise<number> {
  // Through a link the file that it names is replaced, not the link.
  const target = await realpath(output).catch(() => output);
  const temporary = join(dirname(target), `.inlet-${process.pid}-${Date.now()}.part`);
  const removeAtExit = () => rmSync(temporary, { force: true });
  const stop = () => process.exit(143);
  process.once("exit", removeAtExit).once("SIGTERM", stop).once("SIGHUP", stop);
  try {
    const sizeBytes = await writeTo(temporary, "wx", chunks, signal);
    await rename(temporary, target);
    return sizeBytes;
  } finally {
    process.off("exit", removeAtExit).off("SIGTERM", stop).off("SIGHUP", stop);
    await rm(temporary, { force: true });
  }
}

async function writeTo(
  path: string,
  flags: string,
  chunks: AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<number> {
  const handle = await open(path, flags);
  let sizeBytes = 0;
  try {
    for await (const chunk of chunks) {
      signal.throwIfAborted();
      await handle.writeFile(chunk);
      sizeBytes += chunk.length;
    }
  } finally {
    await handle.close();
  }
  return sizeBytes;
}
