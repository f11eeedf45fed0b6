import type { Box } from "./film.ts";

/** The diameter of a poster's play button, as a share of the stage's shorter side. */
const SIZE = 0.2;
/** Of its diameter: what stays free around it. */
const MARGIN = 0.25;
/** Of the area that is to stay free: so little is not seen. Browser and drawing measure words differently by less than that. */
const GRAIN = 0.04;

/** Words under the button are worse than words close to it. */
const UNDER = 4;

/** Where it may stand, as shares of the stage: the middle, and else where posters have room. The first that is free is taken. */
const PLACES = [
  [0.5, 0.5],
  [0.5, 0.56],
  [0.5, 0.44],
  [0.5, 0.62],
  [0.5, 0.7],
  [0.5, 0.78],
  [0.86, 0.8],
  [0.86, 0.5],
  [0.5, 0.36],
  [0.5, 0.22],
  [0.86, 0.2],
  [0.14, 0.8],
  [0.14, 0.5],
  [0.14, 0.2],
] as const;

/**
 * Where a poster's play button stands, in the stage's whole pixels: where it covers as little of the words as can be. The one
 * rule for the player and for the picture in the e-mail, so that both look the same.
 * @param words what can be seen of each text and button
 */
export function playButtonPlace({ width, height }: Pick<Box, "width" | "height">, words: readonly Box[]): Box {
  const size = Math.round(Math.min(width, height) * SIZE);
  const around = Math.round(size * MARGIN);
  const places = PLACES.map(([x, y]) => ({
    x: Math.round(width * x - size / 2),
    y: Math.round(height * y - size / 2),
    width: size,
    height: size,
  }));
  const covered = places.map((place) => {
    const free = { x: place.x - around, y: place.y - around, width: size + 2 * around, height: size + 2 * around };
    const area = words.reduce((sum, each) => sum + overlap(free, each) + UNDER * overlap(place, each), 0);
    return Math.floor(area / (GRAIN * free.width * free.height));
  });
  return places[covered.indexOf(Math.min(...covered))]!;
}

function overlap(one: Box, other: Box): number {
  const across = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const down = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return across > 0 && down > 0 ? across * down : 0;
}
