import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Misconfigured } from "@inlet/contracts";
import { type FontCoverage, fontCoverage } from "./font-coverage.ts";

/** The fonts that thumbnails are drawn with. */
export interface Fonts {
  coverage: FontCoverage;
  close(): Promise<void>;
}

const require = createRequire(import.meta.url);

/** Inter for Latin, Greek and Cyrillic; DejaVu for Hebrew, Arabic and more; emoji in outlines. */
const SHIPPED = [
  dirname(require.resolve("@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf")),
  dirname(require.resolve("@expo-google-fonts/inter/700Bold/Inter_700Bold.ttf")),
  dirname(require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf")),
  dirname(require.resolve("@expo-google-fonts/noto-emoji/700Bold/NotoEmoji_700Bold.ttf")),
];

/**
 * Tells fontconfig, and by it sharp's Pango, of the shipped fonts and of those in `extraFolder` (say, Chinese ones). Without
 * fonts it draws empty boxes and says nothing. Call it before the first picture: fontconfig reads its configuration once
 * per process.
 * @throws Misconfigured when `extraFolder` cannot be read
 */
export async function openFonts(extraFolder?: string): Promise<Fonts> {
  const folders = extraFolder === undefined ? SHIPPED : [...SHIPPED, extraFolder];
  const files = (await Promise.all(folders.map(fontFiles))).flat();
  const coverage = fontCoverage(await Promise.all(files.map((file) => readFile(file))));
  const folder = await mkdtemp(join(tmpdir(), "inlet-fonts-"));
  const configuration = join(folder, "fonts.conf");
  await writeFile(
    configuration,
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
${folders.map((path) => `  <dir>${escapeXml(path)}</dir>`).join("\n")}
  <cachedir>${escapeXml(join(folder, "cache"))}</cachedir>
</fontconfig>
`,
  );
  process.env.FONTCONFIG_FILE = configuration;
  return { coverage, close: () => rm(folder, { recursive: true, force: true }) };
}

async function fontFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => /\.(ttf|otf)$/i.test(name)).map((name) => join(folder, name));
  } catch (cause) {
    throw new Misconfigured({
      code: "fonts_unreadable",
      message: `LANDING_FONTS names a folder that cannot be read: ${folder}`,
      cause,
    });
  }
}

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
