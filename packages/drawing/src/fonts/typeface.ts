import * as hb from "harfbuzzjs";

/** One font file, ready to set text with. */
export interface Typeface {
  /** As shares of the size, from the baseline: `ascent` upwards, `descent` downwards. */
  readonly ascent: number;
  readonly descent: number;
  has(codePoint: number): boolean;
  /** The glyphs of a run that goes one way, from left to right as they are seen. */
  shape(run: string, direction: "ltr" | "rtl"): ShapedGlyph[];
  /** What a glyph is painted of, the first at the bottom. */
  shapes(glyph: number): readonly GlyphShape[];
}

export interface ShapedGlyph {
  glyph: number;
  /** UTF-16 units from the run's begin: which characters it stands for. */
  cluster: number;
  /** As shares of the size; `dy` upwards. */
  advance: number;
  dx: number;
  dy: number;
}

/** One filled outline of a glyph. */
export interface GlyphShape {
  /** An SVG path in units of 1/`unitsPerEm` of the size, upwards. */
  path: string;
  unitsPerEm: number;
  /** `#rrggbb` of a coloured glyph; undefined: the text's own. */
  fill: string | undefined;
  /** 0 to 1. */
  opacity: number;
}

/** One for all: shaping is synchronous, and what HarfBuzz allocates is given back only when the garbage collector gets to it. */
const buffer = new hb.Buffer();

/** Opens a TrueType or OpenType font. HarfBuzz keeps a copy of its own for the life of the process. @throws when it is none */
export function openTypeface(file: Uint8Array): Typeface {
  const face = new hb.Face(new hb.Blob(file as Uint8Array<ArrayBuffer>));
  const font = new hb.Font(face);
  const { upem } = face;
  const { ascender, descender } = font.hExtents();
  const codePoints = new Set(face.collectUnicodes());
  // HarfBuzz takes any bytes for a font that has nothing.
  if (codePoints.size === 0) throw new Error("no font, or one without characters");
  const kept = new Map<number, readonly GlyphShape[]>();
  const palette = face.hasColorLayers() ? (face.getColorPalettes()[0]?.colors ?? []) : undefined;

  function paint(glyph: number): readonly GlyphShape[] {
    const outline = (id: number) => ({ path: font.glyphToPath(id), unitsPerEm: upem });
    const layers = palette === undefined ? [] : face.getGlyphColorLayers(glyph);
    if (layers.length === 0) return [{ ...outline(glyph), fill: undefined, opacity: 1 }].filter(isVisible);
    return layers
      .map(({ glyph: id, colorIndex }) => {
        const colour = colorIndex === undefined ? undefined : palette?.[colorIndex];
        return { ...outline(id), fill: colour && hex(colour), opacity: colour ? colour.alpha / 255 : 1 };
      })
      .filter(isVisible);
  }

  return {
    ascent: ascender / upem,
    descent: -descender / upem,
    has: (codePoint) => codePoints.has(codePoint),
    shape(run, direction) {
      buffer.reset();
      buffer.addText(run);
      buffer.guessSegmentProperties();
      buffer.setDirection(direction === "rtl" ? hb.Direction.RTL : hb.Direction.LTR);
      hb.shape(font, buffer);
      const positions = buffer.getGlyphPositions();
      return buffer.getGlyphInfos().map(({ codepoint, cluster }, index) => {
        const { xAdvance, xOffset, yOffset } = positions[index]!;
        return { glyph: codepoint, cluster, advance: xAdvance / upem, dx: xOffset / upem, dy: yOffset / upem };
      });
    },
    shapes(glyph) {
      let shapes = kept.get(glyph);
      if (shapes === undefined) {
        shapes = paint(glyph);
        kept.set(glyph, shapes);
      }
      return shapes;
    },
  };
}

const isVisible = ({ path }: GlyphShape) => path !== "";

const hex = ({ red, green, blue }: { red: number; green: number; blue: number }) =>
  `#${[red, green, blue].map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
