import { MAX_FILM_MS, type Scene, type Storyboard } from "@inlet/contracts";
import type { Resolving } from "./resolving.ts";

/**
 * The scenes that play for a row, in order. Where its values leave none, the first scene that has no condition of its own
 * plays, or else the first: a link always shows something. A scene that would end beyond the longest film is left out, and
 * so are those after it.
 */
export function playingScenes(
  { scenes, groups }: Pick<Storyboard, "scenes" | "groups">,
  { holds }: Pick<Resolving, "holds">,
): Scene[] {
  const groupPlays = new Map(groups.map(({ name, when }) => [name, when === undefined || holds(when)] as const));
  const chosen = scenes.filter(
    ({ when, group }) =>
      (group === undefined || (groupPlays.get(group) ?? true)) && (when === undefined || holds(when)),
  );
  if (chosen.length === 0) return [scenes.find(({ when }) => when === undefined) ?? scenes[0]!];
  let untilMs = 0;
  const tooLate = chosen.findIndex(({ durationMs }) => {
    untilMs += durationMs;
    return untilMs > MAX_FILM_MS;
  });
  return tooLate === -1 ? chosen : chosen.slice(0, tooLate);
}
