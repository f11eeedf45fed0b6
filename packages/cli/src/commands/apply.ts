import type { AppliedProfile } from "@inlet/contracts";
import { type CliFailure, type PlacedProblem, usageFailure } from "../failure.ts";
import { count } from "../figures.ts";
import { readNamedFile } from "../named-file.ts";
import { type ReadProfile, readProfiles } from "../profile-file.ts";
import { type GlobalOptions, openSession, type Session } from "../session.ts";
import { readStandardInput } from "../standard-input.ts";
import { terminalOn } from "../terminal.ts";
import { warningLines } from "../warning-lines.ts";

interface ApplyOptions extends GlobalOptions {
  file?: string[];
  check?: boolean;
  live?: string;
}

/** Applies profiles. All files are checked before the first one is sent. */
export async function apply(positional: readonly string[], options: ApplyOptions): Promise<void> {
  const files = [...(options.file ?? []), ...positional];
  if (files.length === 0) throw usageFailure("Name a profile: inlet apply -f profile.yaml");
  const profiles = await readAll(files);
  if (options.check) {
    const out = terminalOn(process.stdout);
    if (options.json) out.line(JSON.stringify({ checked: profiles.length }));
    else out.line(`${count(profiles.length, "profile")} without a mistake that can be seen here.`);
    return;
  }
  const session = await openSession(options);
  const applied: AppliedProfile[] = [];
  for (const profile of profiles) applied.push(await applyOne(session, profile, options.live));
  session.result({ profiles: applied });
}

async function readAll(files: readonly string[]): Promise<ReadProfile[]> {
  const profiles: ReadProfile[] = [];
  const problems: PlacedProblem[] = [];
  for (const file of files) {
    const text = file === "-" ? await readStandardInput() : (await readNamedFile(file)).toString("utf8");
    const read = readProfiles(text, file);
    profiles.push(...read.profiles);
    problems.push(...read.problems);
  }
  if (problems.length > 0) throw mistakes(problems);
  return profiles;
}

async function applyOne(
  { api, out }: Session,
  { profile, place }: ReadProfile,
  live: string | undefined,
): Promise<AppliedProfile> {
  const applied = await api.applyProfile(profile, { live }).catch((error: Error & { details?: PlacedProblem[] }) => {
    if (error.name !== "ApiRefusal" || !error.details?.length) throw error;
    throw mistakes(error.details.map((problem) => ({ ...problem, ...place(problem) })));
  });
  const name = out.paint("bold", `${applied.client}/${applied.project}`);
  const words = applied.changed
    ? `${out.paint("green", applied.version === 1 ? "new" : "changed")}, version ${applied.version}`
    : `unchanged, version ${applied.version}`;
  out.line(`${name}  ${words}`);
  if (applied.state === "rehearsal") for (const line of nextSteps(applied)) out.line(`  ${line}`);
  else if (applied.changed && applied.version === 1) out.line("  live without a rehearsal: its files reach its tables");
  const errors = terminalOn(process.stderr);
  for (const line of applied.warnings.flatMap((warning) => warningLines(warning, errors.columns))) errors.line(line);
  return applied;
}

/** A project whose files do not reach its tables says so at each turn. */
function nextSteps({ client, project, version, changed }: AppliedProfile): string[] {
  const name = `${client}/${project}`;
  if (!changed || version > 1) return [`in rehearsal: \`inlet rehearse --project ${name}\` shows what was seen of it`];
  return [
    "in rehearsal: its files go all the way, but reach no table until it is live",
    `1. have the client send about 20 rows: \`inlet rehearse --project ${name} --watch\``,
    `2. \`inlet go-live --project ${name}\``,
  ];
}

function mistakes(problems: readonly PlacedProblem[]): CliFailure {
  const files = new Set(problems.map(({ file }) => file));
  const [only] = files;
  const where = files.size === 1 ? (only === "-" ? "Standard input" : only) : count(files.size, "file");
  const verb = files.size === 1 ? "has" : "have";
  return usageFailure(`${where} ${verb} ${count(problems.length, "mistake")}; nothing of it was applied.`, problems);
}
