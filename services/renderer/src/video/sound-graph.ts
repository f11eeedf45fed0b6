import type { Film } from "@inlet/storyboard";
import { FROM_FILES } from "../ffmpeg/options.ts";
import { numeral } from "./expressions.ts";
import type { FilterGraph } from "./segment-graph.ts";

const SAMPLE_RATE = 48_000;

/** The filters that mix a film's sounds; their result is `[sound]`. `pathOf`: where a sound's file is, by its SHA-256. */
export function soundGraph(
  { sounds, durationMs }: Pick<Film, "sounds" | "durationMs">,
  pathOf: (sha256: string) => string,
): FilterGraph {
  const inputs = sounds.map(({ asset, loop }) => [
    ...FROM_FILES,
    ...(loop ? ["-stream_loop", "-1"] : []),
    ...["-i", pathOf(asset.sha256)],
  ]);
  const chains = sounds.map(({ fromMs, untilMs, volume, fadeOutMs }, index) => {
    const lastsMs = Math.min(untilMs, durationMs) - fromMs;
    const fadeMs = Math.min(fadeOutMs, lastsMs);
    const fade =
      fadeMs === 0
        ? ""
        : `,afade=type=out:start_time=${numeral((lastsMs - fadeMs) / 1000)}:duration=${numeral(fadeMs / 1000)}:curve=tri`;
    return (
      `[${index}:a]aresample=${SAMPLE_RATE},aformat=sample_fmts=fltp:channel_layouts=stereo,` +
      `atrim=end=${numeral(lastsMs / 1000)},asetpts=N/SR/TB,volume=${numeral(volume)}${fade},` +
      `adelay=delays=${Math.round(fromMs)}:all=1[s${index}]`
    );
  });
  const all = sounds.map((_, index) => `[s${index}]`).join("");
  const length = `apad,atrim=end=${numeral(durationMs / 1000)}`;
  chains.push(`${all}amix=inputs=${sounds.length}:duration=longest:dropout_transition=0:normalize=0,${length}[sound]`);
  return { inputs, script: chains.join(";\n") };
}
