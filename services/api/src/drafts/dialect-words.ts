import type { DraftDialect } from "@inlet/contracts";
import type { ScanPlan } from "@inlet/delimited";

const DELIMITER_WORDS: Readonly<Record<string, string>> = {
  ",": "commas",
  ";": "semicolons",
  "|": "vertical bars",
  "\t": "tabs",
};
const LINE_END_WORDS: Readonly<Record<DraftDialect["lineEnding"], string>> = {
  "\n": "lines end with LF",
  "\r\n": "lines end with CR LF",
  "\r": "lines end with CR",
  mixed: "lines end in several ways",
};

/** How a file is written, for people and for programs. */
export function dialectView({ dialect, header }: Pick<ScanPlan, "dialect" | "header">): DraftDialect {
  const { encoding, bom, delimiter, quote, lineEnd } = dialect;
  const text = [
    `${encoding === "utf-8" ? "UTF-8" : "Windows-1252"}${bom ? " with a byte-order mark" : ""}`,
    `${DELIMITER_WORDS[delimiter] ?? `“${delimiter}”`} between the cells`,
    quote === null ? "no quotes" : quote === '"' ? "double quotes" : "single quotes",
    LINE_END_WORDS[lineEnd],
  ].join(", ");
  const headerLine = (header.records ?? 1) === 0 ? null : header.line;
  return { text, encoding, delimiter, quote, lineEnding: lineEnd, headerLine };
}
