import type { PlayerFont } from "../files/player-files.ts";
import { SUBSETS, type Subset } from "./subsets.ts";

const FAMILIES: Readonly<Record<string, string>> = {
  inter: "Inter",
  lora: "Lora",
  fraunces: "Fraunces",
  "jetbrains-mono": "JetBrains Mono",
  "noto-sans-hebrew": "Noto Sans Hebrew",
  "noto-sans-arabic": "Noto Sans Arabic",
};
const BY_LENGTH = <Name extends string>(names: Name[]) => names.sort((one, other) => other.length - one.length);
const NAME = new RegExp(
  `^(${BY_LENGTH(Object.keys(FAMILIES)).join("|")})-(${BY_LENGTH(Object.keys(SUBSETS)).join("|")})-(400|700)-normal-`,
);

/** Which font a built file is, by its name; undefined for what is none. */
export function fontOfFile(name: string): PlayerFont | undefined {
  const [, family = "", letters = "", weight] = NAME.exec(name) ?? [];
  if (weight === undefined) return undefined;
  return { family: FAMILIES[family]!, bold: weight === "700", unicodeRange: SUBSETS[letters as Subset], name };
}
