import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { problemsOf, type Storyboard, storyboardSchema } from "@inlet/contracts";
import type { PageFilm } from "@inlet/player/page";
import { playerWords } from "@inlet/player/words";
import {
  filmOf,
  type PageWords,
  pageWordsOf,
  rowOf,
  spokenLanguages,
  storyboardProblems,
  unmetRequirements,
} from "@inlet/storyboard";
import { CliFailure } from "../failure.ts";
import { readStoryboard } from "../storyboard-file.ts";
import type { ShownProblem } from "../storyboard-text.ts";
import { type FolderAsset, type FolderAssets, folderAssets } from "./folder-assets.ts";
import { type PreviewRow, readRows } from "./read-rows.ts";

/** What a storyboard's file and folder hold at this moment. */
export interface Preview {
  /** Absent where the file holds none: then `problems` say why. */
  storyboard: Storyboard | undefined;
  /** The storyboard's, or the file's name. */
  title: string;
  problems: readonly ShownProblem[];
  /** One at least. */
  rows: readonly PreviewRow[];
  languages: readonly string[];
  assets: FolderAssets;
}

/** What is shown for one row. */
export interface ShownFilm {
  page: PageFilm;
  words: PageWords;
  /** What the row lacks to get a link. */
  unmet: readonly string[];
  values: PreviewRow["values"];
}

/** Without a row: what everybody sees of whom nothing is known. */
const NO_VALUES: PreviewRow = { name: "An empty row", values: {} };

/** Reads a storyboard's file, what lies beside it, and the rows. @param rowsFile instead of the storyboard's own samples */
export async function readPreview(file: string, rowsFile: string | undefined): Promise<Preview> {
  const [text, assets] = await Promise.all([readFile(file, "utf8"), folderAssets(file)]);
  const { storyboard, problems } = readParts(text, file, assets);
  const rows = rowsFile === undefined ? (storyboard?.samples ?? []) : await readRows(rowsFile);
  return {
    storyboard,
    title: storyboard?.title ?? basename(file),
    problems,
    rows: [...rows, NO_VALUES],
    languages: storyboard === undefined ? [] : spokenLanguages(storyboard),
    assets,
  };
}

function readParts(text: string, file: string, assets: FolderAssets): Pick<Preview, "storyboard" | "problems"> {
  try {
    const { document, place } = readStoryboard(text, file);
    const parsed = storyboardSchema.safeParse(document);
    const problems = parsed.success
      ? storyboardProblems(parsed.data, { assets: assets.stored })
      : problemsOf(parsed.error.issues).map((problem) => ({ ...problem, severity: "error" as const }));
    return { storyboard: parsed.data, problems: problems.map((problem) => ({ ...problem, ...place(problem) })) };
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    const inside = error.problems.length > 0 ? error.problems : [{ path: [], message: error.message }];
    return { storyboard: undefined, problems: inside.map((problem) => ({ ...problem, severity: "error" as const })) };
  }
}

/** The film and the page's words for one of the rows; undefined where the file holds no storyboard. */
export function shownFilm(preview: Preview, index: number, language: string | undefined): ShownFilm | undefined {
  const { storyboard, rows, assets } = preview;
  const { values } = rows[index] ?? NO_VALUES;
  if (storyboard === undefined) return undefined;
  const options = { assets: assets.stored, language };
  const row = rowOf(values);
  const film = filmOf(storyboard, row, options);
  const addresses = Object.fromEntries([...assets.files.keys()].map((sha256) => [sha256, `a/${sha256}`]));
  return {
    page: { film, words: playerWords(film.language), assets: addresses },
    words: pageWordsOf(storyboard, row, options),
    unmet: unmetRequirements(storyboard, row),
    values,
  };
}

/** The file of an asset's address. */
export const assetFile = ({ assets }: Preview, sha256: string): FolderAsset | undefined => assets.files.get(sha256);
