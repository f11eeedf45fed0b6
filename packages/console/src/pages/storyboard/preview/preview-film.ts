import type { Scene, Storyboard } from "@inlet/contracts";
import { type Film, filmOf, type Row, rowOf, type StoredAssets } from "@inlet/storyboard";
import type { PreviewRow } from "./preview-row.ts";

interface Wish {
  row: PreviewRow;
  /** The language whose words are shown. */
  language: string;
  assets: StoredAssets;
  /** The scene that is worked on: it is shown also where its rule keeps it from this row. */
  scene: string | undefined;
}

/** A column that no table has. */
const LANGUAGE = "language_of_the_editor";

/** The film as the editor shows it. */
export function previewFilm(storyboard: Storyboard, wish: Wish): { film: Film; isForced: boolean } {
  const row = rowIn(wish.row, wish.language);
  const spoken = { ...storyboard, language: { ...storyboard.language, column: LANGUAGE } };
  const film = filmOf(spoken, row, wish);
  if (wish.scene === undefined || film.scenes.some(({ name }) => name === wish.scene)) return { film, isForced: false };
  const forced = { ...spoken, scenes: storyboard.scenes.map((scene) => freed(scene, wish.scene!)) };
  return { film: filmOf(forced, row, wish), isForced: true };
}

/** One scene by itself, as the row sees it: for its picture on the timeline. */
export function sceneFilm(storyboard: Storyboard, at: number, wish: Omit<Wish, "scene">): Film {
  const scene = storyboard.scenes[at] ?? storyboard.scenes[0]!;
  const alone = { ...spokenIn(storyboard), scenes: [freed(scene, scene.name)] };
  return filmOf(alone, rowIn(wish.row, wish.language), wish);
}

/** A row whose language is the one that is shown. */
export function rowIn({ values }: Pick<PreviewRow, "values">, language: string): Row {
  const of = rowOf(values);
  return (column) => (column === LANGUAGE ? language : of(column));
}

/** The storyboard in the language that is shown. */
export const spokenIn = (storyboard: Storyboard): Storyboard => ({
  ...storyboard,
  language: { ...storyboard.language, column: LANGUAGE },
});

function freed(scene: Scene, name: string): Scene {
  if (scene.name !== name) return scene;
  const { when: _, group: __, ...others } = scene;
  return others;
}
