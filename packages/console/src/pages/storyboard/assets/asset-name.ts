/** A file's name as storyboards write it: letters, digits, dots, hyphens and underscores. `Café 1.PNG` → `Cafe-1.png` */
export function assetNameOf(fileName: string): string {
  const plain = fileName
    .normalize("NFKD")
    .replaceAll(/\p{M}+/gu, "")
    .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .replaceAll(/-+(?=\.)/g, "");
  const dot = plain.lastIndexOf(".");
  const [stem, extension] = dot > 0 ? [plain.slice(0, dot), plain.slice(dot).toLowerCase()] : [plain, ""];
  const name = stem.slice(0, 100 - extension.length) + extension;
  return name === "" ? "file" : name;
}

export type Fitting = "image" | "video" | "audio";

const EXTENSIONS: Readonly<Record<Fitting, readonly string[]>> = {
  image: [".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".svg", ".tif", ".tiff", ".heic"],
  video: [".mp4", ".mov", ".webm", ".m4v", ".mkv"],
  audio: [".mp3", ".m4a", ".aac", ".wav", ".ogg", ".oga", ".flac", ".opus"],
};

/** What a file picker offers. */
export const acceptOf = (kinds: readonly Fitting[]): string =>
  kinds.flatMap((kind) => [`${kind}/*`, ...EXTENSIONS[kind]]).join(",");

/** What a file's name says it is; what is not known is taken for a picture, as most are. */
export function kindOf(name: string): Fitting {
  const extension = /\.[^.]*$/.exec(name.toLowerCase())?.[0] ?? "";
  return (["video", "audio"] as const).find((kind) => EXTENSIONS[kind].includes(extension)) ?? "image";
}
