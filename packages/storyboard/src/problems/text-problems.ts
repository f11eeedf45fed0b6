import type { Storyboard } from "@inlet/contracts";
import { templatesOf } from "../column-uses.ts";
import { urlFault } from "../resolve/merge-url.ts";
import { localizedTextsOf, urlsOf } from "../walk.ts";
import { nearestLanguage, spokenLanguages } from "../words/language.ts";
import { parseTemplate } from "../words/template.ts";
import { error, type StoryboardProblem, warning } from "./problem.ts";

/** Placeholders that are none, addresses that lead nowhere, and texts that a language lacks. */
export function textProblems(storyboard: Storyboard): StoryboardProblem[] {
  return [
    ...templatesOf(storyboard).flatMap(({ path, template }) =>
      parseTemplate(template).faults.map((fault) => error(path, fault)),
    ),
    ...urlsOf(storyboard).flatMap(({ path, url }) => {
      const fault = urlFault(url);
      return fault === undefined ? [] : [error(path, fault)];
    }),
    ...Object.entries(storyboard.fallbacks).flatMap(([column, words]) =>
      words.includes("{{")
        ? [warning(["fallbacks", column], "A fallback is shown as it stands; placeholders in it are not filled in.")]
        : [],
    ),
    ...languageProblems(storyboard),
  ];
}

function languageProblems(storyboard: Storyboard): StoryboardProblem[] {
  const languages = spokenLanguages(storyboard);
  const { default: usual, column } = storyboard.language;
  const problems = localizedTextsOf(storyboard).flatMap(({ path, text }) => {
    if (typeof text === "string") return [];
    const own = Object.keys(text);
    if (own.length === 0) return [error(path, "The text has no language; write it in one at least.")];
    const missing = languages.filter((language) => nearestLanguage(language, own) === undefined);
    if (missing.length === 0) return [];
    const instead = nearestLanguage(usual, own) ?? own[0];
    return [warning(path, `The text is missing in ${missing.join(", ")}; ${instead} is shown instead.`)];
  });
  if (languages.length > 1 && column === undefined) {
    problems.push(
      warning(
        ["language"],
        `There are texts in ${languages.join(", ")}, but no column that says a recipient's language: everybody gets ${usual}. Set language.column.`,
      ),
    );
  }
  return problems;
}
