import { availableParallelism } from "node:os";
import { dataEnvSchema, pipelineEnvSchema, unlessEmpty } from "@inlet/runtime";
import { z } from "zod";

const GIB = 1024 ** 3;
const count = (most: number) => z.coerce.number().int().min(1).max(most);

/** What the renderer is told by its environment. */
export const rendererEnvSchema = pipelineEnvSchema.extend(dataEnvSchema.shape).extend({
  /** Videos made at once by one process, and uploads made anew. Each takes what cores it gets. */
  CONCURRENCY: count(32).default(1),
  /** Stretches of one film that are made side by side. */
  RENDERER_CORES: unlessEmpty(count(64)).transform((cores) => cores ?? Math.min(4, availableParallelism())),
  /** How far everything else goes before: 0 (nothing does) to 19. */
  RENDERER_NICE: z.coerce.number().int().min(0).max(19).default(10),
  /** The longest that one run of ffmpeg may take. */
  RENDERER_TIMEOUT_MS: z.coerce.number().int().min(1_000).max(3_600_000).default(180_000),
  /** Memory of one run of ffmpeg, in MiB. */
  RENDERER_MEMORY_MB: z.coerce.number().int().min(512).max(65_536).default(2_048),
  /** How much of all videos is kept, in GiB; those that were not fetched for longest go. */
  RENDERER_CACHE_GB: unlessEmpty(z.coerce.number().min(0.000_001).max(1_000_000)).transform((gib = 20) =>
    Math.round(gib * GIB),
  ),
  /** Memory for layers and backgrounds that were drawn, in MiB. */
  RENDERER_DRAWING_MB: z.coerce.number().int().min(1).max(16_384).default(64),
  /** Where ffmpeg is, with ffprobe beside it; absent: on PATH. */
  FFMPEG_PATH: unlessEmpty(z.string().min(1)),
  /** Folders of its shared libraries, where it was unpacked and not installed, with colons between. */
  FFMPEG_LIBRARIES: unlessEmpty(z.string().min(1)),
  /** A folder with TrueType or OpenType fonts beside the shipped ones: the same as landing's. */
  LANDING_FONTS: unlessEmpty(z.string().min(1)),
});

export type RendererEnv = z.infer<typeof rendererEnvSchema>;
