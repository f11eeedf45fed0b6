import frauncesLatin from "@fontsource/fraunces/files/fraunces-latin-400-normal.woff2?url";
import frauncesLatinBold from "@fontsource/fraunces/files/fraunces-latin-700-normal.woff2?url";
import frauncesLatinExt from "@fontsource/fraunces/files/fraunces-latin-ext-400-normal.woff2?url";
import frauncesLatinExtBold from "@fontsource/fraunces/files/fraunces-latin-ext-700-normal.woff2?url";
import frauncesVietnamese from "@fontsource/fraunces/files/fraunces-vietnamese-400-normal.woff2?url";
import frauncesVietnameseBold from "@fontsource/fraunces/files/fraunces-vietnamese-700-normal.woff2?url";
import interCyrillic from "@fontsource/inter/files/inter-cyrillic-400-normal.woff2?url";
import interCyrillicBold from "@fontsource/inter/files/inter-cyrillic-700-normal.woff2?url";
import interCyrillicExt from "@fontsource/inter/files/inter-cyrillic-ext-400-normal.woff2?url";
import interCyrillicExtBold from "@fontsource/inter/files/inter-cyrillic-ext-700-normal.woff2?url";
import interGreek from "@fontsource/inter/files/inter-greek-400-normal.woff2?url";
import interGreekBold from "@fontsource/inter/files/inter-greek-700-normal.woff2?url";
import interLatin from "@fontsource/inter/files/inter-latin-400-normal.woff2?url";
import interLatinBold from "@fontsource/inter/files/inter-latin-700-normal.woff2?url";
import interLatinExt from "@fontsource/inter/files/inter-latin-ext-400-normal.woff2?url";
import interLatinExtBold from "@fontsource/inter/files/inter-latin-ext-700-normal.woff2?url";
import interVietnamese from "@fontsource/inter/files/inter-vietnamese-400-normal.woff2?url";
import interVietnameseBold from "@fontsource/inter/files/inter-vietnamese-700-normal.woff2?url";
import jetbrainsMonoCyrillic from "@fontsource/jetbrains-mono/files/jetbrains-mono-cyrillic-400-normal.woff2?url";
import jetbrainsMonoCyrillicBold from "@fontsource/jetbrains-mono/files/jetbrains-mono-cyrillic-700-normal.woff2?url";
import jetbrainsMonoGreek from "@fontsource/jetbrains-mono/files/jetbrains-mono-greek-400-normal.woff2?url";
import jetbrainsMonoGreekBold from "@fontsource/jetbrains-mono/files/jetbrains-mono-greek-700-normal.woff2?url";
import jetbrainsMonoLatin from "@fontsource/jetbrains-mono/files/jetbrains-mono-latin-400-normal.woff2?url";
import jetbrainsMonoLatinBold from "@fontsource/jetbrains-mono/files/jetbrains-mono-latin-700-normal.woff2?url";
import jetbrainsMonoLatinExt from "@fontsource/jetbrains-mono/files/jetbrains-mono-latin-ext-400-normal.woff2?url";
import jetbrainsMonoLatinExtBold from "@fontsource/jetbrains-mono/files/jetbrains-mono-latin-ext-700-normal.woff2?url";
import jetbrainsMonoVietnamese from "@fontsource/jetbrains-mono/files/jetbrains-mono-vietnamese-400-normal.woff2?url";
import jetbrainsMonoVietnameseBold from "@fontsource/jetbrains-mono/files/jetbrains-mono-vietnamese-700-normal.woff2?url";
import loraCyrillic from "@fontsource/lora/files/lora-cyrillic-400-normal.woff2?url";
import loraCyrillicBold from "@fontsource/lora/files/lora-cyrillic-700-normal.woff2?url";
import loraLatin from "@fontsource/lora/files/lora-latin-400-normal.woff2?url";
import loraLatinBold from "@fontsource/lora/files/lora-latin-700-normal.woff2?url";
import loraLatinExt from "@fontsource/lora/files/lora-latin-ext-400-normal.woff2?url";
import loraLatinExtBold from "@fontsource/lora/files/lora-latin-ext-700-normal.woff2?url";
import loraVietnamese from "@fontsource/lora/files/lora-vietnamese-400-normal.woff2?url";
import loraVietnameseBold from "@fontsource/lora/files/lora-vietnamese-700-normal.woff2?url";
import notoSansArabicArabic from "@fontsource/noto-sans-arabic/files/noto-sans-arabic-arabic-400-normal.woff2?url";
import notoSansArabicArabicBold from "@fontsource/noto-sans-arabic/files/noto-sans-arabic-arabic-700-normal.woff2?url";
import notoSansHebrewHebrew from "@fontsource/noto-sans-hebrew/files/noto-sans-hebrew-hebrew-400-normal.woff2?url";
import notoSansHebrewHebrewBold from "@fontsource/noto-sans-hebrew/files/noto-sans-hebrew-hebrew-700-normal.woff2?url";
import type { Subset } from "./subsets.ts";
import frauncesSymbols from "./symbols/fraunces-symbols-400-normal.woff2?url";
import frauncesSymbolsBold from "./symbols/fraunces-symbols-700-normal.woff2?url";
import interSymbols from "./symbols/inter-symbols-400-normal.woff2?url";
import interSymbolsBold from "./symbols/inter-symbols-700-normal.woff2?url";
import jetbrainsMonoSymbols from "./symbols/jetbrains-mono-symbols-400-normal.woff2?url";
import jetbrainsMonoSymbolsBold from "./symbols/jetbrains-mono-symbols-700-normal.woff2?url";
import loraSymbols from "./symbols/lora-symbols-400-normal.woff2?url";
import loraSymbolsBold from "./symbols/lora-symbols-700-normal.woff2?url";

/**
 * The files of the families that films are set in, as the bundler names them: family, letters, regular, bold. Of two that have
 * a letter browsers take the later one: symbols come first.
 */
export const FONT_FILES: readonly (readonly [family: string, letters: Subset, regular: string, bold: string])[] = [
  ["Inter", "symbols", interSymbols, interSymbolsBold],
  ["Inter", "latin", interLatin, interLatinBold],
  ["Inter", "latin-ext", interLatinExt, interLatinExtBold],
  ["Inter", "cyrillic", interCyrillic, interCyrillicBold],
  ["Inter", "cyrillic-ext", interCyrillicExt, interCyrillicExtBold],
  ["Inter", "greek", interGreek, interGreekBold],
  ["Inter", "vietnamese", interVietnamese, interVietnameseBold],
  ["Lora", "symbols", loraSymbols, loraSymbolsBold],
  ["Lora", "latin", loraLatin, loraLatinBold],
  ["Lora", "latin-ext", loraLatinExt, loraLatinExtBold],
  ["Lora", "cyrillic", loraCyrillic, loraCyrillicBold],
  ["Lora", "vietnamese", loraVietnamese, loraVietnameseBold],
  ["Fraunces", "symbols", frauncesSymbols, frauncesSymbolsBold],
  ["Fraunces", "latin", frauncesLatin, frauncesLatinBold],
  ["Fraunces", "latin-ext", frauncesLatinExt, frauncesLatinExtBold],
  ["Fraunces", "vietnamese", frauncesVietnamese, frauncesVietnameseBold],
  ["JetBrains Mono", "symbols", jetbrainsMonoSymbols, jetbrainsMonoSymbolsBold],
  ["JetBrains Mono", "latin", jetbrainsMonoLatin, jetbrainsMonoLatinBold],
  ["JetBrains Mono", "latin-ext", jetbrainsMonoLatinExt, jetbrainsMonoLatinExtBold],
  ["JetBrains Mono", "cyrillic", jetbrainsMonoCyrillic, jetbrainsMonoCyrillicBold],
  ["JetBrains Mono", "greek", jetbrainsMonoGreek, jetbrainsMonoGreekBold],
  ["JetBrains Mono", "vietnamese", jetbrainsMonoVietnamese, jetbrainsMonoVietnameseBold],
  ["Noto Sans Hebrew", "hebrew", notoSansHebrewHebrew, notoSansHebrewHebrewBold],
  ["Noto Sans Arabic", "arabic", notoSansArabicArabic, notoSansArabicArabicBold],
];
