import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Misconfigured } from "@inlet/contracts";
import { FALLBACK_FAMILIES, FONT_FAMILIES, type TextStyle } from "@inlet/storyboard/film";
import { decompress } from "wawoff2";
import { openTypeface, type Typeface } from "./typeface.ts";

/** The fonts that films are drawn with. */
export interface Fonts {
  /** Whether any of them can draw this character. */
  has(codePoint: number): boolean;
  /** Those that are asked for a text's characters, in this order; the first is the style's own. */
  chain(style: Pick<TextStyle, "font" | "bold">): readonly Typeface[];
  /** Emoji, in colour. */
  emoji: Typeface;
}

const require = createRequire(import.meta.url);
const google = (folder: string, name: string) => [
  `@expo-google-fonts/${folder}/400Regular/${name}_400Regular.ttf`,
  `@expo-google-fonts/${folder}/700Bold/${name}_700Bold.ttf`,
];

/** Regular and bold of each family. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  Inter: google("inter", "Inter"),
  Lora: google("lora", "Lora"),
  Fraunces: google("fraunces", "Fraunces"),
  "JetBrains Mono": google("jetbrains-mono", "JetBrainsMono"),
  "Noto Sans Hebrew": google("noto-sans-hebrew", "NotoSansHebrew"),
  "Noto Sans Arabic": google("noto-sans-arabic", "NotoSansArabic"),
  "DejaVu Sans": ["dejavu-fonts-ttf/ttf/DejaVuSans.ttf", "dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf"],
};
/** The emoji of Twemoji, layers of plain colours (OpenType's COLR 0). */
const EMOJI_FILE = "twemoji-colr-font/twemoji.woff2";
/** After the families that player and pictures share: Armenian, Georgian, arrows, symbols. */
const LAST_FAMILY = "DejaVu Sans";

/**
 * Opens the shipped fonts and those of `extraFolder` (say, Chinese ones), which come last. Some 100 ms; once per process.
 * @throws Misconfigured when `extraFolder` cannot be read, or holds a file that is no font
 */
export async function openFonts(extraFolder?: string): Promise<Fonts> {
  const families = new Map(
    await Promise.all(
      Object.entries(FILES).map(
        async ([family, files]) => [family, await Promise.all(files.map(openShipped))] as const,
      ),
    ),
  );
  const emoji = openTypeface(await decompress(await readFile(require.resolve(EMOJI_FILE))));
  const extra = extraFolder === undefined ? [] : await openFolder(extraFolder);
  const chainOf = (family: string, bold: boolean) =>
    [...new Set([family, ...FALLBACK_FAMILIES, LAST_FAMILY])]
      .map((name) => families.get(name)![bold ? 1 : 0]!)
      .concat(extra);
  const chains = new Map<string, readonly Typeface[]>();
  for (const [font, family] of Object.entries(FONT_FAMILIES)) {
    for (const bold of [false, true]) chains.set(`${font} ${bold}`, chainOf(family, bold));
  }
  const all = [...[...families.values()].map(([regular]) => regular!), emoji, ...extra];
  return {
    has: (codePoint) => all.some((typeface) => typeface.has(codePoint)),
    chain: ({ font, bold }) => chains.get(`${font} ${bold}`)!,
    emoji,
  };
}

const openShipped = async (file: string) => openTypeface(await readFile(require.resolve(file)));

async function openFolder(folder: string): Promise<Typeface[]> {
  try {
    const names = await readdir(folder);
    const files = names.filter((name) => /\.(ttf|otf)$/i.test(name)).sort();
    return await Promise.all(files.map(async (name) => openTypeface(await readFile(join(folder, name)))));
  } catch (cause) {
    throw new Misconfigured({
      code: "fonts_unreadable",
      message: `The folder of extra fonts (LANDING_FONTS) cannot be read: ${folder}`,
      cause,
    });
  }
}
