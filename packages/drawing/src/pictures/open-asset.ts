import type { FilmAsset } from "@inlet/storyboard/film";

/** Hands an asset's bytes to `open`; undefined where there are none, or `open` could not read them. */
export type OpenAsset = <T>(asset: FilmAsset, open: (source: Buffer) => Promise<T>) => Promise<T | undefined>;
