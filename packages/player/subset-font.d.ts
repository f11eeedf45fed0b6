declare module "subset-font" {
  /** A font of these characters alone. */
  export default function subsetFont(
    font: Uint8Array,
    characters: string,
    options: { targetFormat: "woff2"; noLayoutClosure?: boolean },
  ): Promise<Uint8Array>;
}
