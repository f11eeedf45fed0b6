import {
  backgroundScaleAt,
  type FilmAsset,
  type FilmLayer,
  type FilmScene,
  layerStateAt,
  type ShownScene,
  shownScenesAt,
} from "@inlet/storyboard/film";
import type { DrawableFilm, Drawing, DrawnLayer, Picture, ReadAsset } from "./drawing.ts";
import type { Fonts } from "./fonts/open-fonts.ts";
import { drawBackground } from "./layers/draw-background.ts";
import { centredOn, drawLayer } from "./layers/draw-layer.ts";
import { paintPlayButton } from "./layers/play-button.ts";
import { canvasOf, paintOver } from "./pictures/canvas.ts";
import { Kept } from "./pictures/kept.ts";
import type { OpenAsset } from "./pictures/open-asset.ts";
import { scaledAboutMiddle } from "./pictures/scaled.ts";

interface DrawingOptions {
  fonts: Fonts;
  readAsset: ReadAsset;
  /** For layers and backgrounds that were drawn; what many films share is drawn once. */
  cacheBytes: number;
  /** Told of a picture that should be readable and is not; it is left out, as one that is missing. */
  onUnreadable?: (asset: FilmAsset, error: unknown) => void;
}

type Stage = Pick<Picture, "width" | "height">;

/** Opens what films are drawn by. One per process: its cache is worth the more, the more is drawn by it. */
export function openDrawing({ fonts, readAsset, cacheBytes, onUnreadable }: DrawingOptions): Drawing {
  const kept = new Kept<Picture | DrawnLayer | undefined>(cacheBytes);

  /** What was drawn without a picture that belongs in it is not kept: the picture may be there the next time. */
  async function keptUnlessIncomplete<T extends Picture | undefined>(
    name: unknown,
    draw: (deps: { fonts: Fonts; openAsset: OpenAsset }) => Promise<T>,
  ): Promise<T> {
    let isWhole = true;
    const openAsset: OpenAsset = async (asset, open) => {
      const source = await readAsset(asset);
      try {
        if (source !== undefined) return await open(source);
      } catch (error) {
        onUnreadable?.(asset, error);
      }
      isWhole = false;
      return undefined;
    };
    const sizeBytes = (picture: Picture | undefined) =>
      isWhole ? (picture?.pixels.length ?? 0) + 500 : Number.POSITIVE_INFINITY;
    return (await kept.of(JSON.stringify(name), () => draw({ fonts, openAsset }), sizeBytes)) as T;
  }

  async function layerAtRest(layer: FilmLayer): Promise<DrawnLayer | undefined> {
    return await keptUnlessIncomplete(lookOf(layer), (deps) => drawLayer(layer, deps));
  }

  async function backgroundAt(
    { motion: _, ...background }: FilmScene["background"],
    { width, height }: Stage,
    scale = 1,
  ): Promise<Picture> {
    return await keptUnlessIncomplete(["background", background, width, height, scale], ({ openAsset }) =>
      drawBackground(background, { width, height }, openAsset, scale),
    );
  }

  async function sceneAtRest(film: DrawableFilm, atMs: number): Promise<{ canvas: Picture; words: DrawnLayer[] }> {
    const scene = sceneOf(film, atMs);
    const shown = scene.layers.filter(({ untilMs }) => untilMs > atMs);
    const [background, ...layers] = await Promise.all([
      backgroundAt(scene.background, film),
      ...shown.map(layerAtRest),
    ]);
    const canvas = copyOf(background);
    const words: DrawnLayer[] = [];
    for (const [index, layer] of (layers as (DrawnLayer | undefined)[]).entries()) {
      if (layer === undefined) continue;
      const { opacity, kind } = shown[index]!;
      paintOver(canvas, layer, opacity);
      if (kind === "text" || kind === "button") words.push(layer);
    }
    return { canvas, words };
  }

  async function sceneAt(film: DrawableFilm, scene: FilmScene, atMs: number): Promise<Picture> {
    const scale = scene.background.asset?.kind === "image" ? backgroundScaleAt(scene, atMs) : 1;
    const canvas = copyOf(await backgroundAt(scene.background, film, scale));
    for (const layer of scene.layers) {
      const state = layerStateAt(layer, atMs);
      if (!state.visible || state.opacity <= 0) continue;
      const atRest = await layerAtRest(layer);
      if (atRest === undefined) continue;
      const drawn = state.scale === 1 ? atRest : await scaledAboutMiddle(centredOn(layer, atRest), state.scale);
      const [left, top] = [Math.round(drawn.left + state.dx), Math.round(drawn.top + state.dy)];
      paintOver(canvas, { ...drawn, left, top }, state.opacity);
    }
    return canvas;
  }

  return {
    async drawLayer(layer, frame = "tight") {
      const drawn = await layerAtRest(layer);
      if (drawn === undefined) return undefined;
      return frame === "tight" ? drawn : centredOn(layer, drawn);
    },
    drawBackground: (background, stage) => backgroundAt(background, stage),
    async drawMoment(film, atMs, how) {
      if (how === "rest") return (await sceneAtRest(film, atMs)).canvas;
      const canvas = canvasOf(film.width, film.height, film.surround);
      for (const shown of shownScenesAt(film, atMs)) {
        paintScene(canvas, await sceneAt(film, film.scenes[shown.index]!, shown.atMs), shown);
      }
      return canvas;
    },
    async drawPoster(film, { playButton }) {
      const { canvas, words } = await sceneAtRest(film, film.posterMs);
      if (playButton) await paintPlayButton(canvas, words);
      return canvas;
    },
  };
}

/** All of a layer that says how it looks at rest: the same again, in another scene or film, is the same picture. */
function lookOf(layer: FilmLayer): unknown {
  const { fromMs: _from, untilMs: _until, enter: _enter, leave: _leave, opacity: _opacity, ...look } = layer;
  return look;
}

const sceneOf = ({ scenes }: DrawableFilm, atMs: number): FilmScene =>
  scenes.findLast(({ fromMs }) => fromMs <= atMs) ?? scenes[0]!;

const copyOf = (picture: Picture): Picture => ({ ...picture, pixels: Buffer.from(picture.pixels) });

function paintScene(canvas: Picture, scene: Picture, { opacity, shift, covered }: ShownScene): void {
  const hidden = Math.round(covered * canvas.width);
  const left = Math.round(shift * canvas.width);
  paintOver(canvas, { ...scene, left, top: 0 }, opacity, hidden);
}
