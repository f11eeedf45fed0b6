import { type Film, type FilmLayer, transitionAt } from "@inlet/storyboard";
import { FROM_FILES } from "../ffmpeg/options.ts";
import { backgroundScaleOf, CLOCK_AHEAD_S, clockOf, fadesOf, numeral, offsetOf, scaleOf } from "./expressions.ts";
import { FRAME_RATE, frameAt, momentOf } from "./frames.ts";
import type { Segment } from "./segments.ts";
import type { PlacedStill, Still } from "./still.ts";

/** All pictures of one stretch of a film. */
export interface SegmentPictures {
  /** Colour or gradient, and the picture if it has one. */
  background: Still;
  /** A film behind it all, over the background's colour. */
  backgroundVideo?: { path: string; fit: "cover" | "contain"; dim: number } | undefined;
  /** From the bottom up, those that are to be seen in this stretch. */
  layers: readonly { layer: FilmLayer; still: PlacedStill }[];
  /** The last moment of the scene before, where a transition takes its place. */
  before?: Still | undefined;
}

/** What one ffmpeg is told: its inputs, each as its options, and the script of its filters, whose result is `[film]`. */
export interface FilterGraph {
  inputs: string[][];
  script: string;
}

/**
 * The filters that make a stretch of a film out of pictures that were drawn once. Each picture stands still until the filters move
 * it; all of them count the film's own time.
 */
export function segmentGraph(
  { width, height }: Pick<Film, "width" | "height">,
  segment: Segment,
  { background, backgroundVideo, layers, before }: SegmentPictures,
): FilterGraph {
  const inputs: string[][] = [];
  const chains: string[] = [];
  const input = (options: string[]) => `[${inputs.push(options) - 1}:v]`;
  const still = (picture: Still) => input(rawInput(picture));
  const held = `${HOLD},${clockFrom(segment.firstFrame)}`;

  chains.push(`${still(background)}${TO_YUV},format=yuv420p,${held}[colour]`);
  let base = "colour";
  if (backgroundVideo !== undefined) {
    const { path, fit, dim } = backgroundVideo;
    const video = input([...FROM_FILES, "-threads", "2", "-stream_loop", "-1", "-i", path]);
    const grow = fit === "cover" ? "increase" : "decrease";
    const size = `scale=${width}:${height}:force_original_aspect_ratio=${grow}:force_divisible_by=2:out_color_matrix=bt709:out_range=tv`;
    const crop = fit === "cover" ? `,crop=${width}:${height}` : "";
    chains.push(
      `${video}fps=${FRAME_RATE}:start_time=0,${size}${crop},setsar=1,format=yuv420p,${clockFrom(segment.firstFrame)}[moving]`,
      `[colour][moving]overlay=x='2*round((W-w)/4)':y='2*round((H-h)/4)':format=yuv420:eval=init${darkened(dim)}[backdrop]`,
    );
    base = "backdrop";
  }
  // As the player: what moves slowly is an image.
  const isImage = segment.scene.background.asset?.kind === "image";
  const scale = isImage ? backgroundScaleOf(segment.scene, segment.firstFrame) : undefined;
  if (scale !== undefined) {
    chains.push(`[${base}]${enlarged(scale)}[ground]`);
    base = "ground";
  }
  layers.forEach(({ layer, still: picture }, index) => {
    const opacity = layer.opacity < 1 ? `colorchannelmixer=aa=${numeral(layer.opacity)},` : "";
    const layerScale = scaleOf(layer);
    const sizes =
      layerScale === undefined
        ? ""
        : `,scale=w='2*max(1,round(${picture.width / 2}*${layerScale}))':h='2*max(1,round(${picture.height / 2}*${layerScale}))':eval=frame:flags=bilinear`;
    chains.push(
      `${still(picture)}${opacity}${TO_YUV},format=yuva420p,${held}${fadesOf(layer)}${sizes}[layer${index}]`,
      `[${base}][layer${index}]overlay=x='${placeOf(layer, picture, "x")}':y='${placeOf(layer, picture, "y")}':enable='${seenOf(layer)}':format=yuv420[over${index}]`,
    );
    base = `over${index}`;
  });
  if (before !== undefined) {
    const { fromMs, transition } = segment.scene;
    const frames = frameAt(fromMs + transition.durationMs) - segment.firstFrame;
    if (frames > 0 && transitionAt(segment.scene, momentOf(segment.firstFrame)) < 1) {
      // A scene may begin between two frames; then its transition has begun a little before its first one.
      const begun = (fromMs - momentOf(segment.firstFrame)) / 1000;
      chains.push(
        `${still(before)}${TO_YUV},format=yuv420p,${held},trim=end_frame=${frames + 1}[before]`,
        `[before][${base}]xfade=transition=${XFADES[transition.kind]}:duration=${numeral(transition.durationMs / 1000)}:offset=${numeral(begun)}[changed]`,
      );
      base = "changed";
    }
  }
  const frames = segment.endFrame - segment.firstFrame;
  chains.push(`[${base}]format=yuv420p,trim=end_frame=${frames},settb=1/${FRAME_RATE},setpts=N[film]`);
  return { inputs, script: chains.join(";\n") };
}

const rawInput = ({ path, pixelFormat, width, height }: Still) => [
  ...["-f", "rawvideo", "-pixel_format", pixelFormat, "-video_size", `${width}x${height}`],
  ...["-framerate", `${FRAME_RATE}`, ...FROM_FILES, "-i", path],
];

/** HD's own colours: what players take for granted at this size. */
const TO_YUV = "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int+bilinear";
/** One picture for ever, without a copy. */
const HOLD = "loop=loop=-1:size=1:start=0";
/** Fine enough that a transition can begin between two frames. */
const CLOCK_RATE = 90_000;

const clockFrom = (firstFrame: number) =>
  `settb=1/${CLOCK_RATE},setpts=(N+${firstFrame + CLOCK_AHEAD_S * FRAME_RATE})*${CLOCK_RATE / FRAME_RATE}`;

/** ffmpeg's names for the transitions. */
const XFADES = { cut: "fade", fade: "fade", slide: "slideleft", wipe: "wipeleft" } as const;

/** Scaled about the middle, to a part of a pixel: a slow movement in whole pixels trembles. */
function enlarged(scale: string): string {
  const inset = (side: "W" | "H") => `${side}/2*(1-1/${scale})`;
  const [left, right] = [inset("W"), `W-${inset("W")}`];
  const [top, bottom] = [inset("H"), `H-${inset("H")}`];
  const corners = [left, top, right, top, left, bottom, right, bottom];
  const places = corners.map((place, index) => `${index % 2 === 0 ? "x" : "y"}${index >> 1}='${place}'`);
  return `perspective=${places.join(":")}:interpolation=linear:sense=source:eval=frame`;
}

/** Brightness and colour both go towards black by this share. */
const darkened = (dim: number) =>
  dim === 0
    ? ""
    : `,lutyuv=y='16+(val-16)*${numeral(1 - dim)}':u='128+(val-128)*${numeral(1 - dim)}':v='128+(val-128)*${numeral(1 - dim)}'`;

/** Where a layer's picture lies, in even pixels as its colours are kept; one that is scaled keeps its middle. */
function placeOf(layer: FilmLayer, picture: PlacedStill, axis: "x" | "y"): string {
  const offset = offsetOf(layer, axis);
  const [start, size, own] =
    axis === "x" ? [picture.left, picture.width, "overlay_w"] : [picture.top, picture.height, "overlay_h"];
  const isScaled = scaleOf(layer) !== undefined;
  if (!isScaled) return offset === "" ? `${start}` : `2*round((${start}${offset})/2)`;
  return `2*round((${start + size / 2}${offset}-${own}/2)/2)`;
}

/** From its first frame to its last one; the clock's roundings are less than half a frame. */
function seenOf({ fromMs, untilMs }: FilmLayer): string {
  const at = (ms: number) => clockOf(momentOf(frameAt(ms) - 0.5));
  return `between(t,${at(fromMs)},${at(untilMs)})`;
}
