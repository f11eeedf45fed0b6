import { type Profile, problemsOf, type Storyboard, type StoryboardProblem, storyboardSchema } from "@inlet/contracts";
import type { AssetRow } from "@inlet/database";
import { storyboardProblems } from "@inlet/storyboard";
import { readyAssets } from "./asset-view.ts";

/** What a storyboard's words, rules and pictures refer to. */
export interface Surroundings {
  profile: Profile;
  assets: readonly AssetRow[];
}

/** A storyboard, as far as it is one, with all that is wrong with it. */
export interface Judgement {
  /** With the defaults filled in; undefined: it is not written as a storyboard is. */
  storyboard: Storyboard | undefined;
  /** In the order of the document; of very many the first, errors before warnings. */
  problems: StoryboardProblem[];
  publishable: boolean;
}

/** More than anybody mends at a time; 4 MiB of JSON can have half a million. */
const MOST_PROBLEMS = 500;

/** Says what is wrong with any JSON, taken for a storyboard. */
export function judgeStoryboard(document: unknown, { profile, assets }: Surroundings): Judgement {
  const parsed = storyboardSchema.safeParse(document);
  if (!parsed.success) {
    const mistakes = problemsOf(parsed.error.issues).slice(0, MOST_PROBLEMS);
    const problems = mistakes.map((problem) => ({ ...problem, severity: "error" as const }));
    return { storyboard: undefined, problems, publishable: false };
  }
  const columns = Object.fromEntries(
    profile.tables.map((table) => [table.name, table.columns.map(({ name }) => name)]),
  );
  const found = storyboardProblems(parsed.data, { columns, assets: readyAssets(assets) });
  const problems = mostPressing(found).map((problem) => withAssetState(problem, document, assets));
  if (profile.links === undefined) problems.push(NO_LINKS);
  return { storyboard: parsed.data, problems, publishable: problems.every(({ severity }) => severity !== "error") };
}

function mostPressing(problems: readonly StoryboardProblem[]): readonly StoryboardProblem[] {
  if (problems.length <= MOST_PROBLEMS) return problems;
  const isError = ({ severity }: StoryboardProblem) => severity === "error";
  return [...problems.filter(isError), ...problems.filter((problem) => !isError(problem))].slice(0, MOST_PROBLEMS);
}

const NO_LINKS: StoryboardProblem = {
  path: [],
  message: "Nobody will see it: the project makes no personal links. Add `links` to its profile.",
  severity: "warning",
};

/** Says of a missing asset what became of it, where its upload is known. */
function withAssetState(problem: StoryboardProblem, document: unknown, assets: readonly AssetRow[]): StoryboardProblem {
  const value = valueAt(document, problem.path);
  const coming = assets.find(({ name, state, replaces }) => name === value && state !== "ready" && !replaces);
  if (coming === undefined) return problem;
  const message =
    coming.state === "processing"
      ? `${coming.name} is still being made ready; that takes a few seconds`
      : `${coming.name} cannot be shown: ${coming.refusal?.message ?? "it was refused"}`;
  return { ...problem, message };
}

function valueAt(document: unknown, path: StoryboardProblem["path"]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], document);
}
