import type { Film, FilmMotion, FilmScene } from "@inlet/storyboard/film";

/** The same film for people who wish for less motion: what comes and goes fades, nothing else moves. */
export function calmFilm(film: Film): Film {
  return { ...film, scenes: film.scenes.map(calmScene) };
}

const calmScene = (scene: FilmScene): FilmScene => ({
  ...scene,
  background: { ...scene.background, motion: "none" },
  transition: scene.transition.kind === "cut" ? scene.transition : { ...scene.transition, kind: "fade" },
  layers: scene.layers.map((layer) => ({ ...layer, enter: calmMotion(layer.enter), leave: calmMotion(layer.leave) })),
});

const calmMotion = (motion: FilmMotion): FilmMotion => (motion.kind === "none" ? motion : { ...motion, kind: "fade" });
