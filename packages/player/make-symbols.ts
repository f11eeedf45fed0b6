// `node make-symbols.ts`: writes src/fonts/symbols anew. Arrows, ticks, stars and the like are in the families that films are set
// in, and pictures and videos draw them so; Fontsource's files leave them out. Here they get files of their own, so that a
// browser shows the same. Run it when a family or the letters of `symbols` (src/fonts/subsets.ts) are other ones.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import subsetFont from "subset-font";
import { SUBSETS } from "./src/fonts/subsets.ts";

const require = createRequire(import.meta.url);
const FOLDER = path.join(import.meta.dirname, "src/fonts/symbols");
const FAMILIES = { inter: "Inter", lora: "Lora", fraunces: "Fraunces", "jetbrains-mono": "JetBrainsMono" };
const WEIGHTS = { 400: "400Regular", 700: "700Bold" };

/** Every character of a `unicode-range`. */
const charactersOf = (range: string): string =>
  range
    .split(",")
    .flatMap((part) => {
      const [from, to = from] = part.replace("U+", "").split("-");
      const first = Number.parseInt(from!, 16);
      return Array.from({ length: Number.parseInt(to!, 16) - first + 1 }, (_, index) =>
        String.fromCodePoint(first + index),
      );
    })
    .join("");

await mkdir(FOLDER, { recursive: true });
for (const [folder, name] of Object.entries(FAMILIES)) {
  for (const [weight, variant] of Object.entries(WEIGHTS)) {
    const whole = await readFile(require.resolve(`@expo-google-fonts/${folder}/${variant}/${name}_${variant}.ttf`));
    const symbols = await subsetFont(whole, charactersOf(SUBSETS.symbols), {
      targetFormat: "woff2",
      noLayoutClosure: true,
    });
    const file = `${folder}-symbols-${weight}-normal.woff2`;
    await writeFile(path.join(FOLDER, file), symbols);
    process.stdout.write(`${file}: ${symbols.length} bytes\n`);
  }
}
