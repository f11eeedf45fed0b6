import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { StoryboardChangesQuery, StoryboardVersion } from "@inlet/contracts";
import { namedAssets } from "@inlet/storyboard";
import { EXIT } from "../exit-codes.ts";
import { CliFailure, usageFailure } from "../failure.ts";
import { count } from "../figures.ts";
import { readProjectName } from "../project-name.ts";
import { type GlobalOptions, openSession, type Session } from "../session.ts";
import { problemCount, problemLines } from "../storyboard-text.ts";
import { type Column, renderTable, wrapped } from "../table.ts";
import { printable } from "../terminal.ts";

export interface StoryboardOptions extends GlobalOptions {
  project: string;
}

/** Shows how a project's storyboard stands, and what is wrong with its draft. */
export async function showStoryboard(options: StoryboardOptions): Promise<void> {
  const { client, project } = readProjectName(options.project);
  const { api, out, result } = await openSession(options);
  const [standing, { problems }] = [await api.storyboard(client, project), await api.storyboardDraft(client, project)];
  const fact = (name: string, text: string) => out.line(`${out.paint("dim", name.padEnd(9))}${printable(text)}`);
  const { live, versions, draft, links, shows } = standing;
  const none = "no version: new links show the simple page";
  fact("live", live === null ? none : `version ${live.version}, “${live.title}”, published ${since(live)}`);
  fact("links", links ? LINKS[shows] : "the project makes none: add `links` to its profile");
  if (versions > 0) fact("versions", String(versions));
  if (draft === null) fact("draft", "none: `inlet storyboard put FILE` saves one, `inlet storyboard ready` has some");
  else {
    const differs = draft.differs ? "not live" : "the same as the live version";
    fact("draft", `revision ${draft.revision}, saved ${stamp(draft.updatedAt)} by ${draft.updatedBy}, ${differs}`);
    fact("", problemCount(problems) ?? "no mistakes");
    if (problems.length > 0) out.line();
    for (const line of problemLines(problems, out)) out.line(line);
  }
  result({ ...standing, problems });
}

const LINKS = {
  keep: "each shows the version that was live when it was made",
  follow: "all show the version that is live",
} as const;

const stamp = (iso: string) => `${iso.slice(0, 16).replace("T", " ")} UTC`;
const since = ({ createdAt, createdBy }: StoryboardVersion) => `${stamp(createdAt)} by ${createdBy}`;

interface GetOptions extends StoryboardOptions {
  version?: number;
  output?: string;
  assets?: boolean;
}

/** Writes the draft, or a version, as JSON; with its files beside it where that is asked for. */
export async function getStoryboard(options: GetOptions): Promise<void> {
  const { client, project } = readProjectName(options.project);
  const { output, version } = options;
  if (options.assets && output === undefined) throw usageFailure("--assets needs --output, to know where to put them.");
  const session = await openSession(options);
  const { api, out, result } = session;
  const found =
    version === undefined
      ? await draftOf(session, client, project)
      : await api.storyboardVersion(client, project, version).then(({ written, assets }) => ({
          document: written as unknown,
          assets: assets.map(({ name, sha256 }) => ({ name, sha256 })),
        }));
  const text = `${JSON.stringify(found.document, undefined, 2)}\n`;
  if (output === undefined) {
    if (session.json) result({ document: found.document });
    else process.stdout.write(text);
    return;
  }
  await writeFile(output, text);
  const folder = join(output, "..");
  const files = options.assets ? found.assets : [];
  const [saved, kept]: [string[], string[]] = [[], []];
  for (const { name, sha256 } of files) {
    // What lies there may be the original, of which the hub has only what it made of it.
    if (await isThere(join(folder, name))) kept.push(name);
    else {
      const { body } = await api.assetFile(client, project, sha256);
      const content = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
      await writeFile(join(folder, name), content, { flag: "wx" });
      saved.push(name);
    }
  }
  out.line(`Saved ${output}${saved.length === 0 ? "" : ` and ${count(saved.length, "file")} beside it`}`);
  if (kept.length > 0) out.line(`Left as they were: ${kept.join(", ")}`);
  result({ file: output, assets: saved, kept });
}

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

async function draftOf({ api }: Session, client: string, project: string) {
  const { document } = await api.storyboardDraft(client, project);
  if (document === null) throw noDraft(`${client}/${project}`);
  const shows = namedAssets(document);
  const assets = (await api.assets(client, project)).flatMap(({ name, file }) =>
    file !== null && shows(name) ? [{ name, sha256: file.sha256 }] : [],
  );
  return { document, assets };
}

const noDraft = (project: string) =>
  new CliFailure(
    EXIT.notFound,
    "storyboard_draft_missing",
    `${project} has no storyboard yet; \`inlet storyboard put FILE -p ${project}\` saves one.`,
  );

/** Publishes the draft. */
export async function publishStoryboard(options: StoryboardOptions & { note?: string; live: boolean }): Promise<void> {
  const { client, project } = readProjectName(options.project);
  const session = await openSession(options);
  const { api, out, result } = session;
  const { revision, problems } = await api.storyboardDraft(client, project);
  if (revision === 0) throw noDraft(options.project);
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    const words = `The draft has ${count(errors.length, "mistake")}; nothing was published.`;
    throw new CliFailure(EXIT.usage, "storyboard_invalid", words, errors);
  }
  const { note, live } = options;
  const published = await api.publishStoryboard(client, project, { revision, live, ...(note ? { note } : {}) });
  const name = out.paint("bold", `Version ${published.version}`);
  const how = published.changed ? "is published" : "says the same already; no new version was made";
  const where = published.live ? "new links show it" : `\`inlet storyboard live ${published.version}\` makes it live`;
  out.line(`${name} ${how}; ${where}.`);
  for (const line of problemLines(published.warnings, out)) out.line(line);
  result(published);
}

/** Lists what was published, newest first. */
export async function listVersions(options: StoryboardOptions & { limit?: number }): Promise<void> {
  const { client, project } = readProjectName(options.project);
  const { api, out, result } = await openSession(options);
  const { versions } = await api.storyboardVersions(client, project, { limit: options.limit ?? 20 });
  const columns: Column<StoryboardVersion>[] = [
    { title: "VERSION", text: ({ version }) => String(version), align: "right" },
    { title: "", text: ({ live }) => (live ? "live" : ""), paint: (_, cell) => out.paint("green", cell) },
    { title: "PUBLISHED", text: ({ createdAt }) => stamp(createdAt) },
    { title: "BY", text: ({ createdBy }) => createdBy },
    { title: "TITLE", text: ({ title }) => title },
    { title: "NOTE", text: ({ note }) => note ?? "", flexible: true, wrap: true },
  ];
  if (versions.length === 0) out.line("Nothing was published yet. `inlet storyboard publish` publishes the draft.");
  else for (const line of renderTable(versions, columns, out)) out.line(line);
  result({ versions });
}

/** Makes a version live. */
export async function makeLive(version: number, options: StoryboardOptions): Promise<void> {
  const { client, project } = readProjectName(options.project);
  const { api, out, result } = await openSession(options);
  const answer = await api.makeStoryboardLive(client, project, { version });
  const before = answer.before === null ? "" : ` in place of version ${answer.before}`;
  out.line(answer.changed ? `New links show version ${version}${before}.` : `Version ${version} is live already.`);
  result(answer);
}

/** Lets new links show the simple page. */
export async function takeOff(options: StoryboardOptions): Promise<void> {
  const { client, project } = readProjectName(options.project);
  const { api, out, result } = await openSession(options);
  const answer = await api.takeStoryboardOff(client, project);
  const done = `Version ${answer.before} was taken off: new links show the simple page.`;
  out.line(answer.changed ? done : "No version was live; nothing has changed.");
  result(answer);
}

/** Shows what changed between two storyboards; unless others are named, what publishing the draft would change. */
export async function diffStoryboards(options: StoryboardOptions & { from?: string; to?: string }): Promise<void> {
  const { client, project } = readProjectName(options.project);
  const { api, out, result } = await openSession(options);
  const query = { from: sideOf(options.from, "live"), to: sideOf(options.to, "draft") };
  const compared = await api.storyboardChanges(client, project, query);
  const { changes, assets } = compared;
  if (changes.length + assets.length === 0) out.line(`${words(query.to)} shows just what ${words(query.from)} shows.`);
  const signs = { added: out.paint("green", "+"), removed: out.paint("red", "−"), changed: out.paint("yellow", "~") };
  for (const { kind, message } of changes) {
    const [first, ...rest] = wrapped(printable(message), out.columns - 2);
    out.line(`${signs[kind]} ${first}`);
    for (const line of rest) out.line(`  ${line}`);
  }
  for (const { kind, name } of assets) out.line(`${signs[kind]} File ${name} ${FILE_WORDS[kind]}.`);
  result(compared);
}

const FILE_WORDS = { added: "is new", removed: "is not shown any more", changed: "is another one" } as const;

type Side = NonNullable<StoryboardChangesQuery["from"]>;

function sideOf(text: string | undefined, otherwise: "live" | "draft"): Side {
  if (text === undefined) return otherwise;
  if (text === "live" || text === "draft") return text;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw usageFailure(`“${text}” is none of: live, draft, or a version's number.`);
}

const words = (side: Side) =>
  side === "live" ? "the live version" : side === "draft" ? "The draft" : `version ${side}`;
