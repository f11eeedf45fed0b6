import { createHash } from "node:crypto";
import type { Film, FilmLayer } from "@inlet/storyboard";

/** Raised when videos of the same film come to look or sound otherwise: those that were made before are made anew. */
const LOOK = 1;

/**
 * Of a film what is seen and heard in its video, and nothing else: a link behind a button, a chapter's title or a caption is no
 * reason to make it anew, and need not be known to whoever makes it.
 */
export function videoFilm(film: Film): Film {
  return {
    ...film,
    scenes: film.scenes.map((scene) => ({ ...scene, layers: scene.layers.map(withoutLink) })),
    chapters: [],
    captions: [],
    posterMs: 0,
  };
}

const withoutLink = (layer: FilmLayer): FilmLayer =>
  layer.kind === "button" ? { ...layer, name: "", url: "" } : layer;

/** What tells this video from all others of its recipient: 32 bytes. */
export const filmHash = (film: Film): Buffer =>
  createHash("sha256")
    .update(`${LOOK} ${JSON.stringify(film)}`)
    .digest();
