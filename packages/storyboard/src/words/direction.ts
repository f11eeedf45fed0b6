const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Samaritan}\p{Script=Mandaic}\p{Script=Adlam}]/u;
const RIGHT_TO_LEFT_SCRIPTS = new Set(["Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Samr", "Syrc", "Thaa"]);
const RIGHT_TO_LEFT_LANGUAGES = new Set("ar arc ckb dv fa he ks nqo ps sd syr ug ur yi".split(" "));

/** Which way something is written. */
export type Direction = "ltr" | "rtl";

/** Which way a text is written: its first letter decides (UAX #9, rules P2 and P3). `otherwise` where it has none. */
export function directionOf(text: string, otherwise: Direction = "ltr"): Direction {
  const letter = /\p{L}/u.exec(text)?.[0];
  if (letter === undefined) return otherwise;
  return RIGHT_TO_LEFT.test(letter) ? "rtl" : "ltr";
}

/** Which way a language (BCP 47) is written. */
export function languageDirection(language: string): Direction {
  const [name, script] = language.split("-") as [string, string?];
  if (script?.length === 4) return RIGHT_TO_LEFT_SCRIPTS.has(script) ? "rtl" : "ltr";
  return RIGHT_TO_LEFT_LANGUAGES.has(name) ? "rtl" : "ltr";
}

/** Whether anything in a text is written from right to left, or an invisible mark says so. */
export function hasRightToLeft(text: string): boolean {
  return RIGHT_TO_LEFT.test(text) || /[\u061C\u200F]/.test(text);
}
