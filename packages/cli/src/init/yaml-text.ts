/** Words that YAML, or an older reader of it, takes for something else than text. */
const NO_TEXT = /^(?:true|false|yes|no|on|off|y|n|null|nan|inf|~)$/i;
const PLAIN = /^[A-Za-zÀ-ɏ/][\wÀ-ɏ./-]*(?: [\wÀ-ɏ./-]+)*$/;

/** A text as YAML writes it: as it is where that is safe, else in double quotes. */
export function yamlText(text: string): string {
  if (PLAIN.test(text) && !NO_TEXT.test(text)) return text;
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A list on one line. */
export function yamlList(texts: readonly string[]): string {
  return `[${texts.map((text) => (text.includes(",") ? JSON.stringify(text) : yamlText(text))).join(", ")}]`;
}

/** A text for a comment: on one line, and nothing in it that ends it. */
export function commentText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}
