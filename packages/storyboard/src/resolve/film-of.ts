import { type LocalizedText, type Paint, type Scene, STAGES, type Storyboard } from "@inlet/contracts";
import type { Film, FilmScene, FilmSound } from "../film/film.ts";
import type { Row, StoredAssets } from "../row.ts";
import { languageDirection } from "../words/direction.ts";
import { languageOf, textIn } from "../words/language.ts";
import { type Merging, mergeWords, type ValueLimits, type Words } from "../words/merge.ts";
import { assetOf } from "./asset-of.ts";
import { filmLayers } from "./film-layers.ts";
import { playingScenes } from "./playing-scenes.ts";

/** What a film or a page is made with, besides the storyboard and the row. */
export interface ResolveOptions {
  /** The files that are ready to be shown, by name. What is missing is left out. */
  assets: StoredAssets;
  /** Instead of the row's own: the nearest that the storyboard speaks. */
  language?: string | undefined;
}

/** What all parts of one recipient's film and page are made of. */
export interface Resolving {
  merging: Merging;
  assets: StoredAssets;
  /** Of the stage, in its pixels. */
  width: number;
  paint(paint: Paint): string;
  words(text: LocalizedText, limits: ValueLimits): Words;
}

const CAPTION: ValueLimits = { maxCharacters: 120, lines: false };
const CHAPTER: ValueLimits = { maxCharacters: 60, lines: false };

/**
 * A storyboard for one recipient. Never fails, whatever the row holds: an empty cell becomes its fallback or nothing, an
 * asset that is missing leaves its layer out, and where no scene plays one plays nevertheless (see `playingScenes`).
 */
export function filmOf(storyboard: Storyboard, row: Row, options: ResolveOptions): Film {
  const resolving = resolvingOf(storyboard, row, options);
  const { merging } = resolving;
  const playing = playingScenes(storyboard, row);
  const begins = beginsOf(playing);
  const scenes = playing.map((scene, index) => filmScene(scene, begins[index]!, index === 0, resolving));
  const durationMs = scenes.at(-1)!.untilMs;
  const texts = (part: "chapter" | "caption", limits: ValueLimits) =>
    playing.flatMap((scene, index) => {
      const text = scene[part] === undefined ? "" : resolving.words(scene[part], limits).text;
      return text === "" ? [] : [{ fromMs: begins[index]!, untilMs: begins[index]! + scene.durationMs, text }];
    });
  return {
    ...STAGES[storyboard.stage],
    durationMs,
    language: merging.language,
    direction: merging.direction,
    surround: resolving.paint(storyboard.surround),
    scenes,
    chapters: texts("chapter", CHAPTER).map(({ fromMs, text }) => ({ atMs: fromMs, title: text })),
    captions: texts("caption", CAPTION),
    sounds: soundsOf(storyboard, playing, begins, durationMs, resolving),
    posterMs: posterMs(storyboard, playing, begins),
  };
}

/** Chooses the language of a row, and how its words, colours and assets are found. */
export function resolvingOf(storyboard: Storyboard, row: Row, { assets, language: wanted }: ResolveOptions): Resolving {
  const { brand, fallbacks } = storyboard;
  const language = languageOf(storyboard, row, wanted);
  const merging: Merging = { row, fallbacks, language, direction: languageDirection(language) };
  return {
    merging,
    assets,
    width: STAGES[storyboard.stage].width,
    paint: (paint) => (paint === "brand" ? brand.colour : paint === "accent" ? brand.accent : paint),
    words: (text, limits) => mergeWords(textIn(text, language, storyboard.language.default), merging, limits),
  };
}

function beginsOf(scenes: readonly Scene[]): number[] {
  let atMs = 0;
  return scenes.map(({ durationMs }) => {
    atMs += durationMs;
    return atMs - durationMs;
  });
}

function filmScene(scene: Scene, fromMs: number, isFirst: boolean, resolving: Resolving): FilmScene {
  const { background, transition, durationMs } = scene;
  const { paint, assets, merging } = resolving;
  const isCut = isFirst || transition.kind === "cut" || transition.durationMs === 0;
  return {
    name: scene.name,
    fromMs,
    untilMs: fromMs + durationMs,
    background: {
      colour: paint(background.colour),
      to: background.to === undefined ? undefined : paint(background.to),
      asset: assetOf(background.asset, ["image", "video"], assets, merging),
      fit: background.fit,
      dim: background.dim,
      motion: background.motion,
    },
    layers: filmLayers(scene, fromMs, resolving),
    transition: isCut
      ? { kind: "cut", durationMs: 0 }
      : { kind: transition.kind, durationMs: Math.min(transition.durationMs, durationMs) },
  };
}

function soundsOf(
  { music }: Storyboard,
  scenes: readonly Scene[],
  begins: readonly number[],
  durationMs: number,
  { assets, merging }: Resolving,
): FilmSound[] {
  const sounds: FilmSound[] = [];
  const underAll = assetOf(music?.asset, ["audio"], assets, merging);
  if (underAll !== undefined && music !== undefined && music.volume > 0) {
    const fadeOutMs = Math.min(music.fadeOutMs, durationMs);
    sounds.push({ asset: underAll, fromMs: 0, untilMs: durationMs, volume: music.volume, loop: true, fadeOutMs });
  }
  scenes.forEach(({ audio, durationMs: sceneMs }, index) => {
    const asset = assetOf(audio?.asset, ["audio"], assets, merging);
    if (asset === undefined || audio === undefined || audio.volume === 0) return;
    const fromMs = begins[index]!;
    const untilMs = fromMs + Math.min(sceneMs, asset.durationMs ?? sceneMs);
    sounds.push({ asset, fromMs, untilMs, volume: audio.volume, loop: false, fadeOutMs: 0 });
  });
  return sounds;
}

/** In the poster's scene where that plays; otherwise in the middle of the first one. */
function posterMs({ poster }: Storyboard, scenes: readonly Scene[], begins: readonly number[]): number {
  const at = poster === undefined ? -1 : scenes.findIndex(({ name }) => name === poster.scene);
  const { durationMs } = scenes[Math.max(at, 0)]!;
  const offsetMs = at === -1 ? undefined : poster?.atMs;
  return begins[Math.max(at, 0)]! + Math.min(offsetMs ?? Math.round(durationMs / 2), durationMs - 1);
}
