import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Asset, assetNameSchema } from "@inlet/contracts";
import { namedAssets } from "@inlet/storyboard";
import { EXIT } from "../exit-codes.ts";
import { readNamedFile } from "../named-file.ts";
import { assetFolders } from "../preview/folder-assets.ts";
import { readProjectName } from "../project-name.ts";
import { openSession, type Session } from "../session.ts";
import { readStandardInput } from "../standard-input.ts";
import { readStoryboard } from "../storyboard-file.ts";
import { problemCount, problemLines } from "../storyboard-text.ts";
import { type AssetSource, assetSource, isUploaded, uploadAssets } from "../upload-assets.ts";
import type { StoryboardOptions } from "./storyboard.ts";

interface PutOptions extends StoryboardOptions {
  revision?: number;
  assets: boolean;
}

/**
 * Saves a file as the draft, and uploads the files beside it that it names and the hub has not. Returns the exit code: a draft
 * with mistakes is saved, and has not ended well.
 */
export async function putStoryboard(file: string, options: PutOptions): Promise<number> {
  const { client, project } = readProjectName(options.project);
  const isInput = file === "-";
  const text = isInput ? await readStandardInput() : (await readNamedFile(file)).toString("utf8");
  const { document, place } = readStoryboard(text, isInput ? "standard input" : file);
  const session = await openSession(options);
  const { api, out, result } = session;
  const before = await api.storyboardDraft(client, project);
  const uploaded = isInput || !options.assets ? [] : await uploadMissing(session, { client, project, document, file });
  const revision = options.revision ?? before.revision;
  const draft = await api.saveStoryboardDraft(client, project, { document, revision });
  const { problems } = draft;
  out.line(`${out.paint("bold", options.project)}  draft saved as revision ${draft.revision}${replaced(before)}`);
  const placed = problems
    .map((problem) => ({ ...problem, ...place(problem) }))
    .sort((one, other) => (one.line ?? 0) - (other.line ?? 0));
  for (const line of problemLines(placed, out)) out.line(line);
  const advice = draft.publishable ? "`inlet storyboard publish` publishes it" : "mend it before it is published";
  out.line(`${capital(problemCount(problems) ?? "no mistakes")}; ${advice}.`);
  result({
    revision: draft.revision,
    publishable: draft.publishable,
    differs: draft.differs,
    problems: placed,
    uploaded,
  });
  return draft.publishable && uploaded.every(({ state }) => state === "ready") ? EXIT.ok : EXIT.endedBadly;
}

function replaced({
  revision,
  updatedBy,
  updatedAt,
}: {
  revision: number;
  updatedBy: string | null;
  updatedAt: string | null;
}) {
  if (revision === 0 || updatedAt === null) return "";
  return `, in place of ${updatedBy}'s of ${updatedAt.slice(0, 16).replace("T", " ")} UTC`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

async function uploadMissing(
  session: Session,
  { client, project, document, file }: { client: string; project: string; document: unknown; file: string },
): Promise<Asset[]> {
  const shows = namedAssets(document);
  const paths = new Map<string, string>();
  // Where the preview finds them; the first of a name counts.
  for (const folder of assetFolders(file)) {
    // There need be no folder `assets`.
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const { name } = entry;
      const path = join(folder, name);
      // A name such as `{{product}}` may become that of anything that lies there.
      if (entry.isDirectory() || path === resolve(file) || paths.has(name)) continue;
      if (assetNameSchema.safeParse(name).success && shows(name)) paths.set(name, path);
    }
  }
  if (paths.size === 0) return [];
  const known = await session.api.assets(client, project);
  const sources: AssetSource[] = [];
  for (const [, path] of [...paths].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const source = await assetSource(path);
    if (!(await isUploaded(source, known))) sources.push(source);
  }
  return await uploadAssets(session, { client, project, sources });
}
