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

/** Regular and bold of each family. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  Inter: [
    require.resolve("@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf"),
    require.resolve("@expo-google-fonts/inter/700Bold/Inter_700Bold.ttf"),
  ],
  Lora: [
    require.resolve("@expo-google-fonts/lora/400Regular/Lora_400Regular.ttf"),
    require.resolve("@expo-google-fonts/lora/700Bold/Lora_700Bold.ttf"),
  ],
  Fraunces: [
    require.resolve("@expo-google-fonts/fraunces/400Regular/Fraunces_400Regular.ttf"),
    require.resolve("@expo-google-fonts/fraunces/700Bold/Fraunces_700Bold.ttf"),
  ],
  "JetBrains Mono": [
    require.resolve("@expo-google-fonts/jetbrains-mono/400Regular/JetBrainsMono_400Regular.ttf"),
    require.resolve("@expo-google-fonts/jetbrains-mono/700Bold/JetBrainsMono_700Bold.ttf"),
  ],
  "Noto Sans Hebrew": [
    require.resolve("@expo-google-fonts/noto-sans-hebrew/400Regular/NotoSansHebrew_400Regular.ttf"),
    require.resolve("@expo-google-fonts/noto-sans-hebrew/700Bold/NotoSansHebrew_700Bold.ttf"),
  ],
  "Noto Sans Arabic": [
    require.resolve("@expo-google-fonts/noto-sans-arabic/400Regular/NotoSansArabic_400Regular.ttf"),
    require.resolve("@expo-google-fonts/noto-sans-arabic/700Bold/NotoSansArabic_700Bold.ttf"),
  ],
  "DejaVu Sans": [
    require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf"),
    require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf"),
  ],
};
/** The emoji of Twemoji, layers of plain colours (OpenType's COLR 0). */
const EMOJI_FILE = require.resolve("twemoji-colr-font/twemoji.woff2");
/** After the families that player and pictures share: Armenian, Georgian, arrows, symbols. */
const LAST_FAMILY = "DejaVu Sans";

/**
 * Opens the shipped fonts and those of `extraFolder` (say, Chinese ones), which come last. Some 100 ms; once per process.
 * @throws Misconfigured when `extraFolder` cannot be read, or holds a file that is no font
 */
export async function openFonts(extraFolder?: string): Promise<Fonts> {
  const families = new Map(
    await Promise.all(
      Object.entries(FILES).map(async ([family, files]) => [family, await Promise.all(files.map(openFile))] as const),
    ),
  );
  const emoji = openTypeface(await decompress(await readFile(EMOJI_FILE)));
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

const openFile = async (file: string) => openTypeface(await readFile(file));

async function openFolder(folder: string): Promise<Typeface[]> {
  try {
    const names = await readdir(folder);
    const files = names.filter((name) => /\.(ttf|otf)$/i.test(name)).sort();
    return await Promise.all(files.map((name) => openFile(join(folder, name))));
  } catch (cause) {
    throw new Misconfigured({
      code: "fonts_unreadable",
      message: `The folder of extra fonts (LANDING_FONTS) cannot be read: ${folder}`,
      cause,
    });
  }
}
