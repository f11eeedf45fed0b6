import type { Film } from "@inlet/storyboard/film";
import { make } from "./make.ts";

/** The film's words as text, scene by scene: for those who do not see it, and for programs that read pages. */
export function transcriptOf(film: Film, label: string): HTMLElement {
  const scenes = film.scenes.flatMap((scene) => {
    const captions = film.captions.filter(({ fromMs }) => fromMs >= scene.fromMs && fromMs < scene.untilMs);
    const chapter = film.chapters.filter(({ atMs }) => atMs >= scene.fromMs && atMs < scene.untilMs);
    const texts = scene.layers.flatMap((layer) => ("text" in layer ? [layer.text] : []));
    const lines = [...chapter.map(({ title }) => title), ...texts, ...captions.map(({ text }) => text)];
    const words = [...new Set(lines.map((line) => line.trim()).filter(Boolean))];
    return words.length === 0 ? [] : [make("p", "", {}, [words.join(". ").replace(/([.!?…])\. /g, "$1 ")])];
  });
  const attributes = { "aria-label": label, lang: film.language, dir: film.direction };
  return make("section", "unseen", attributes, scenes);
}
