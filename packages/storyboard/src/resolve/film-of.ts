import { type Scene, STAGES, type Storyboard } from "@inlet/contracts";
import type { Film, FilmScene, FilmSound } from "../film/film.ts";
import type { Row } from "../row.ts";
import type { ValueLimits } from "../words/merge.ts";
import { filmLayers } from "./film-layers.ts";
import { playingScenes } from "./playing-scenes.ts";
import { type ResolveOptions, type Resolving, resolvingOf } from "./resolving.ts";

const CAPTION: ValueLimits = { maxCharacters: 120, lines: false };
const CHAPTER: ValueLimits = { maxCharacters: 60, lines: false };

/**
 * A storyboard for one recipient. Never fails, whatever the row holds: an empty cell becomes its fallback or nothing, an
 * asset that is missing leaves its layer out, and where no scene plays one plays nevertheless (see `playingScenes`).
 */
export function filmOf(storyboard: Storyboard, row: Row, options: ResolveOptions): Film {
  return resolvedFilm(storyboard, resolvingOf(storyboard, row, options));
}

/** The same by whoever answers for the row. */
export function resolvedFilm(storyboard: Storyboard, resolving: Resolving): Film {
  const { language, direction } = resolving;
  const playing = playingScenes(storyboard, resolving);
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
    language,
    direction,
    surround: resolving.paint(storyboard.surround),
    scenes,
    chapters: texts("chapter", CHAPTER).map(({ fromMs, text }) => ({ atMs: fromMs, title: text })),
    captions: texts("caption", CAPTION),
    sounds: soundsOf(storyboard, playing, begins, durationMs, resolving),
    posterMs: posterMs(storyboard, playing, begins),
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
  const { paint } = resolving;
  const isCut = isFirst || transition.kind === "cut" || transition.durationMs === 0;
  return {
    name: scene.name,
    fromMs,
    untilMs: fromMs + durationMs,
    background: {
      colour: paint(background.colour),
      to: background.to === undefined ? undefined : paint(background.to),
      asset: resolving.asset(background.asset, ["image", "video"]),
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
  resolving: Resolving,
): FilmSound[] {
  const sounds: FilmSound[] = [];
  const underAll = resolving.asset(music?.asset, ["audio"]);
  if (underAll !== undefined && music !== undefined && music.volume > 0) {
    const fadeOutMs = Math.min(music.fadeOutMs, durationMs);
    sounds.push({ asset: underAll, fromMs: 0, untilMs: durationMs, volume: music.volume, loop: true, fadeOutMs });
  }
  scenes.forEach(({ audio, durationMs: sceneMs }, index) => {
    const asset = resolving.asset(audio?.asset, ["audio"]);
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
