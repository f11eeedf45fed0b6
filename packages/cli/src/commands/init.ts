import { type FileHandle, open } from "node:fs/promises";
import { matchFile, profileSchema, slugSchema } from "@inlet/contracts";
import { proposeTable } from "@inlet/delimited";
import { parse } from "yaml";
import { openDataFile } from "../check/data-file.ts";
import { visibleText } from "../check/visible-text.ts";
import { usageFailure } from "../failure.ts";
import { count, figure } from "../figures.ts";
import { type ProfileDraft, profileText } from "../init/profile-text.ts";
import { interruptible } from "../interrupt.ts";
import { terminalOn } from "../terminal.ts";

interface InitOptions {
  json?: boolean;
  client?: string;
  project?: string;
  output?: string;
}

/** Writes a first profile from a sample file. Refuses to overwrite one. */
export async function init(file: string, options: InitOptions): Promise<void> {
  for (const name of [options.client, options.project]) {
    const problem = name === undefined ? undefined : slugSchema.safeParse(name).error?.issues[0]?.message;
    if (problem !== undefined) throw usageFailure(`${name} is no name: ${problem}.`);
  }
  const words = () => "Interrupted: no profile was written.";
  const draft = await interruptible(words, (signal) => draftProfile(file, options, signal));
  const text = profileText(draft);
  assertSound(text, draft.fileName);
  if (options.output === "-") {
    process.stdout.write(text);
    return;
  }
  const output = options.output ?? `${draft.table}.yaml`;
  await writeNew(output, text);
  const columns = draft.inferred.table.columns.length;
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ profile: output, table: draft.table, columns })}\n`);
    return;
  }
  const out = terminalOn(process.stdout);
  const { records, isWhole } = draft.inferred.sample;
  out.line(
    `Wrote ${out.paint("bold", visibleText(output))}: table ${draft.table}, ${count(columns, "column")}, from ${isWhole ? count(records, "record") : `${figure(records)} of the records`} of ${visibleText(draft.fileName)}.`,
  );
  out.line(`  next: edit it, then   inlet check ${visibleText(file)} --profile ${visibleText(output)}`);
}

async function draftProfile(file: string, options: InitOptions, signal: AbortSignal): Promise<ProfileDraft> {
  const data = await openDataFile(file, { totalBytes: Number.MAX_SAFE_INTEGER, onRead: () => {}, signal });
  try {
    const { source, plainSizeBytes: sizeBytes, fileName } = data;
    const proposed = await proposeTable({ source, fileName, sizeBytes, signal });
    const { client = "client", project = proposed.table } = options;
    return { client, project, ...proposed, fileName };
  } finally {
    await data.close();
  }
}

/** A profile that we write is one that we take: anything else is a fault of ours. */
function assertSound(text: string, fileName: string): void {
  const profile = profileSchema.parse(parse(text));
  if (matchFile(profile, fileName) === undefined)
    throw new Error(`the pattern ${profile.tables[0]!.files[0]} does not fit ${fileName}`);
}

async function writeNew(output: string, text: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(output, "wx");
    await handle.writeFile(text);
  } finally {
    await handle?.close();
  }
}
