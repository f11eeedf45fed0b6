import type { Film, FilmAsset, FilmLayer, FilmScene } from "@inlet/storyboard/film";
import type { Picture } from "./drawing.ts";
import { sharp } from "./pictures/vips.ts";

type Kind = FilmLayer["kind"];
type LayerOf<K extends Kind> = Extract<FilmLayer, { kind: K }>;

const AT_REST = {
  box: { x: 0, y: 0, width: 200, height: 100 },
  fromMs: 0,
  untilMs: 1_000,
  enter: { kind: "none", durationMs: 0 },
  leave: { kind: "none", durationMs: 0 },
  opacity: 1,
} as const;

const STYLE = {
  font: "sans",
  size: 40,
  bold: false,
  colour: "#ffffff",
  align: "left",
  vertical: "middle",
  direction: "ltr",
} as const;

/** Layers for tests, in a box of 200 × 100, without motion. */
export const buildText = (overrides: Partial<LayerOf<"text">> = {}): LayerOf<"text"> => ({
  ...{ ...AT_REST, ...STYLE, kind: "text", text: "Hello" },
  ...overrides,
});
export const buildShape = (overrides: Partial<LayerOf<"shape">> = {}): LayerOf<"shape"> => ({
  ...{ ...AT_REST, kind: "shape", fill: "#ff0000", radius: 0 },
  ...overrides,
});
export const buildImage = (overrides: Partial<LayerOf<"image">> = {}): LayerOf<"image"> => ({
  ...{ ...AT_REST, kind: "image", asset: buildAsset(), fit: "cover", radius: 0 },
  ...overrides,
});
export const buildButton = (overrides: Partial<LayerOf<"button">> = {}): LayerOf<"button"> => ({
  ...{ ...AT_REST, ...STYLE, kind: "button", name: "go", text: "Go", url: "https://example.org", fill: "#0000ff" },
  ...{ radius: 40, align: "centre" },
  ...overrides,
});

export const buildAsset = (overrides: Partial<FilmAsset> = {}): FilmAsset => ({
  ...{ kind: "image", sha256: "a".repeat(64), width: 40, height: 20, durationMs: null },
  ...overrides,
});

/** A scene of one second, green. */
export const buildScene = (overrides: Partial<FilmScene> = {}): FilmScene => ({
  ...{ name: "scene", fromMs: 0, untilMs: 1_000, layers: [], transition: { kind: "cut", durationMs: 0 } },
  ...overrides,
  background: {
    ...{ colour: "#008000", to: undefined, asset: undefined, fit: "cover", dim: 0, motion: "none" },
    ...overrides.background,
  },
});

/** A film of 400 × 200. */
export const buildFilm = (scenes: readonly FilmScene[]): Film => ({
  ...{ width: 400, height: 200, durationMs: scenes.at(-1)!.untilMs, language: "en", direction: "ltr" },
  ...{ surround: "#000000", scenes, chapters: [], captions: [], sounds: [], posterMs: 500 },
});

/** An image whose left half is of one colour and whose right half is of another. */
export async function halves(left: string, right: string, width = 40, height = 20): Promise<Buffer> {
  const half = { create: { width: width / 2, height, channels: 3 as const, background: left } };
  return await sharp({ create: { width, height, channels: 3, background: right } })
    .composite([{ input: half, left: 0, top: 0 }])
    .webp({ lossless: true })
    .toBuffer();
}

/** `#rrggbb` of a pixel. */
export function colourAt({ pixels, width, format }: Picture, x: number, y: number): string {
  const at = (y * width + x) * (format === "rgba" ? 4 : 3);
  return `#${pixels.toString("hex", at, at + 3)}`;
}
