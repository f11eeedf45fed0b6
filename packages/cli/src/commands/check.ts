import { basename } from "node:path";
import { type Issue, matchFile, type Profile } from "@inlet/contracts";
import { type CheckedFile, type CheckSettings, checkFile } from "../check/check-file.ts";
import { fileCheckObject, hasErrors } from "../check/file-check-object.ts";
import { findFiles } from "../check/find-files.ts";
import { loadRules } from "../check/load-rules.ts";
import { type FileLine, fileLine } from "../check/many-files.ts";
import { assertWritable, writeNormalized } from "../check/normalized-file.ts";
import { picture } from "../check/picture.ts";
import { openProgress } from "../check/progress.ts";
import { summary } from "../check/summary.ts";
import { unreadFile } from "../check/unread-file.ts";
import { visibleText } from "../check/visible-text.ts";
import { EXIT } from "../exit-codes.ts";
import { CliFailure, failureOf, usageFailure } from "../failure.ts";
import { bytes, count } from "../figures.ts";
import { interruptible } from "../interrupt.ts";
import { readNamedFile } from "../named-file.ts";
import { type Terminal, terminalOn, widthOf } from "../terminal.ts";

export interface CheckOptions {
  json?: boolean;
  profile?: string;
  table?: string;
  rules?: string;
  tolerant?: boolean;
  normalized?: string;
  maxIssues?: number;
}

/** Findings that are drawn unless another number is asked for, and how many of them may be of one kind. */
const PICTURES = 20;
const PICTURES_OF_A_KIND = 4;
/** Findings in one object unless another number is asked for. */
const LISTED = 1000;
const NAME_WIDTH = 48;

/** Checks files without any server. Returns the worst exit code: 0 pass, 1 errors found, 2 not readable. */
export async function check(paths: readonly string[], options: CheckOptions): Promise<number> {
  try {
    return await interruptible(
      () => "Interrupted: the file was not checked to its end.",
      (signal) => checkAll(paths, options, signal),
    );
  } catch (error) {
    throw asUsage(error);
  }
}

/** Every failure but an interruption and a fault of our own is exit code 2 here. */
function asUsage(error: unknown): unknown {
  const failure = failureOf(error);
  if (failure.exitCode === EXIT.interrupted || failure.exitCode === EXIT.internal) return error;
  return new CliFailure(EXIT.usage, failure.code, failure.message, failure.problems);
}

async function checkAll(paths: readonly string[], options: CheckOptions, signal: AbortSignal): Promise<number> {
  if (options.table !== undefined && options.profile === undefined)
    throw usageFailure("--table names a table of a profile; give that with --profile.");
  const { files, isMany, passedOver } = await findFiles(paths);
  if (files.length === 0) throw usageFailure(`There is no data file in ${paths.join(", ")}.`);
  if (options.normalized !== undefined) {
    if (isMany) throw usageFailure("--normalized writes one file; name one file to check.");
    await assertWritable(files[0]!, options.normalized);
  }
  const settingsOf = await readSettings(options);
  const out = terminalOn(process.stdout);
  if (options.json) return await worst(files, (file) => checkForPrograms(file, settingsOf(file), options, signal));
  if (!isMany) return await checkForPeople(files[0]!, settingsOf(files[0]!), options, out, signal);
  const nameWidth = Math.min(NAME_WIDTH, Math.max(...files.map((file) => widthOf(visibleText(file)))));
  const exitCode = await worst(files, (file) => checkAmongMany(file, settingsOf(file), nameWidth, out, signal));
  if (passedOver.length > 0)
    out.line(out.paint("dim", `passed over: ${count(passedOver.length, "file")} of another kind`));
  return exitCode;
}

async function worst(files: readonly string[], work: (file: string) => Promise<number>): Promise<number> {
  let exitCode = 0;
  for (const file of files) exitCode = Math.max(exitCode, await work(file));
  return exitCode;
}

/** Reads the profile, once for all files. */
async function readSettings(options: CheckOptions): Promise<(file: string) => CheckSettings> {
  const { profile: path, table, tolerant = false } = options;
  const hooks = await loadRules(options.rules);
  if (path === undefined) return () => ({ profile: undefined, table, hooks, tolerant });
  // Without a profile no YAML is read, and its reader is not loaded.
  const { readProfiles } = await import("../profile-file.ts");
  const { profiles, problems } = readProfiles((await readNamedFile(path)).toString("utf8"), path);
  if (problems.length > 0) {
    throw usageFailure(`${path} has ${count(problems.length, "mistake")}; nothing was checked.`, problems);
  }
  const all = profiles.map(({ profile }) => profile);
  return (file) => ({ profile: profileFor(file, all, table, path), table, hooks, tolerant });
}

/** A file may hold several profiles: then the name of the table, or that of the file, tells which one is meant. */
function profileFor(file: string, profiles: readonly Profile[], table: string | undefined, path: string): Profile {
  if (profiles.length === 1) return profiles[0]!;
  const fitting = profiles.filter((profile) =>
    table === undefined
      ? matchFile(profile, basename(file)) !== undefined
      : profile.tables.some(({ name }) => name === table),
  );
  if (fitting.length === 1) return fitting[0]!;
  throw usageFailure(`${path} holds ${profiles.length} profiles, and it is not clear which one ${file} belongs to.`);
}

/** One file, every finding drawn as it comes. */
async function checkForPeople(
  file: string,
  settings: CheckSettings,
  options: CheckOptions,
  out: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const progress = openProgress(out);
  let shown = 0;
  try {
    const checked = await checkFile(
      file,
      settings,
      {
        onOpen: ({ plainSizeBytes }) => progress.begin(file, plainSizeBytes),
        onRead: progress.onRead,
        onIssue: progress.onIssue,
        wantsPicture: samplesOf(options.maxIssues),
        onPicture: (pictured) => {
          shown += 1;
          progress.print([...picture(pictured, out), ""]);
        },
      },
      signal,
    );
    try {
      progress.end();
      for (const line of summary(checked, shown, out)) out.line(line);
      await writeOut(checked, options, progress, out, signal);
      return hasErrors(checked.report) ? EXIT.endedBadly : EXIT.ok;
    } finally {
      await checked.data.close();
    }
  } catch (error) {
    progress.end();
    const { code, message } = unreadFile(error);
    throw new CliFailure(EXIT.usage, code, message.includes(file) ? message : `${visibleText(file)}: ${message}`);
  }
}

/** Which findings are shown: the first ones; unless a number is asked for, not too many of one kind. */
function samplesOf(maxIssues: number | undefined): (issue: Issue) => boolean {
  const ofKind = new Map<string, number>();
  let taken = 0;
  return ({ code, column }) => {
    if (taken >= (maxIssues ?? PICTURES)) return false;
    if (maxIssues === undefined) {
      const kind = `${code} ${column}`;
      const before = ofKind.get(kind) ?? 0;
      if (before >= PICTURES_OF_A_KIND) return false;
      ofKind.set(kind, before + 1);
    }
    taken += 1;
    return true;
  };
}

async function writeOut(
  { data, report }: CheckedFile,
  { normalized: output }: CheckOptions,
  progress: ReturnType<typeof openProgress> | undefined,
  out: Terminal | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (output === undefined) return;
  if (report.scan === null) throw usageFailure(`${output} was not written: no record of the file could be read.`);
  progress?.say("Writing");
  const { written, leftOut, sizeBytes } = await writeNormalized(data, report.scan, output, signal);
  progress?.end();
  const left = leftOut === 0 ? "" : `; ${count(leftOut, "record")} could not be cut into cells and were left out`;
  out?.line(`Wrote ${visibleText(output)}: ${count(written, "record")}, ${bytes(sizeBytes)}${left}`);
}

/** One file as one JSON object on a line of its own. */
async function checkForPrograms(
  file: string,
  settings: CheckSettings,
  options: CheckOptions,
  signal: AbortSignal,
): Promise<number> {
  const issues: Issue[] = [];
  const most = options.maxIssues ?? LISTED;
  const print = (object: object) => process.stdout.write(`${JSON.stringify(object)}\n`);
  let checked: CheckedFile | undefined;
  try {
    const onIssue = (issue: Issue) => void (issues.length < most && issues.push(issue));
    checked = await checkFile(file, settings, { onIssue }, signal);
    const sha256 = await checked.data.sha256(signal);
    await writeOut(checked, options, undefined, undefined, signal);
    print(fileCheckObject(checked, issues, sha256));
    return hasErrors(checked.report) ? EXIT.endedBadly : EXIT.ok;
  } catch (error) {
    print({ file: { name: file }, error: unreadFile(error) });
    return EXIT.usage;
  } finally {
    await checked?.data.close();
  }
}

/** One file as one line. */
async function checkAmongMany(
  file: string,
  settings: CheckSettings,
  nameWidth: number,
  out: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const progress = openProgress(out);
  let firstLine: number | null = null;
  const print = (line: FileLine) => out.line(fileLine(line, nameWidth, out));
  try {
    const { report, totals, elapsedMs, data } = await checkFile(
      file,
      settings,
      {
        onOpen: ({ plainSizeBytes }) => progress.begin(file, plainSizeBytes),
        onRead: progress.onRead,
        onIssue: ({ severity, line }) => {
          progress.onIssue();
          if (severity === "error") firstLine ??= line;
        },
      },
      signal,
    );
    await data.close();
    progress.end();
    const isBad = hasErrors(report);
    const outcome = isBad ? "fail" : "pass";
    const first = firstLine === null ? "" : ` from line ${firstLine}`;
    print({ file, outcome, records: report.counts.records, elapsedMs, totals, first, message: "" });
    return isBad ? EXIT.endedBadly : EXIT.ok;
  } catch (error) {
    progress.end();
    const { message } = unreadFile(error);
    print({ file, outcome: "unread", records: null, elapsedMs: null, totals: [], first: "", message });
    return EXIT.usage;
  }
}
