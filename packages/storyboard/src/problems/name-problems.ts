import type { Storyboard } from "@inlet/contracts";
import { didYouMeanOf } from "./nearest-name.ts";
import { error, type StoryboardProblem, seconds, warning } from "./problem.ts";

/** Names that stand twice, and names of scenes and groups that there are none of. */
export function nameProblems({ scenes, groups, samples, poster }: Storyboard): StoryboardProblem[] {
  const sceneNames = scenes.map(({ name }) => name);
  const groupNames = groups.map(({ name }) => name);
  const [meantScene, meantGroup] = [didYouMeanOf(sceneNames), didYouMeanOf(groupNames)];
  const problems = [
    ...repeated(sceneNames).map((index) =>
      error(["scenes", index, "name"], `Two scenes are named ${sceneNames[index]}; give each a name of its own.`),
    ),
    ...repeated(groupNames).map((index) =>
      error(["groups", index, "name"], `Two groups are named ${groupNames[index]}; give each a name of its own.`),
    ),
    ...repeated(samples.map(({ name }) => name)).map((index) =>
      warning(
        ["samples", index, "name"],
        `Two samples are named ${samples[index]!.name}; give each a name of its own.`,
      ),
    ),
  ];
  scenes.forEach(({ group }, index) => {
    if (group === undefined || groupNames.includes(group)) return;
    problems.push(
      error(["scenes", index, "group"], `There is no group ${group}; add it to groups.${meantGroup(group)}`),
    );
  });
  groups.forEach(({ name }, index) => {
    if (scenes.some(({ group }) => group === name)) return;
    problems.push(warning(["groups", index], `No scene belongs to the group ${name}.`));
  });
  if (poster === undefined) return problems;
  const shown = scenes.find(({ name }) => name === poster.scene);
  if (shown === undefined) {
    problems.push(error(["poster", "scene"], `There is no scene ${poster.scene}.${meantScene(poster.scene)}`));
  } else if (poster.atMs !== undefined && poster.atMs >= shown.durationMs) {
    problems.push(
      error(
        ["poster", "atMs"],
        `The scene ${shown.name} lasts ${seconds(shown.durationMs)}; the poster is to be a moment before its end.`,
      ),
    );
  }
  return problems;
}

/** Where a name stands that has stood before. */
function repeated(names: readonly string[]): number[] {
  return names.flatMap((name, index) => (names.indexOf(name) < index ? [index] : []));
}
