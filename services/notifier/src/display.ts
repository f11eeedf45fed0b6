/**
 * Controls, line breaks, lone surrogates, and the characters that turn the direction of what follows: in a file's name
 * they would break a header, or make `a‹U+202E›vsc.exe` read as `aexe.csv` (the trick of CVE-2021-42574).
 */
const DISGUISES = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

/** Text of a stranger's, as one line that reads as it is: what would disguise it becomes `�`, what is too long is cut in the middle. */
export function display(text: string, mostCharacters = 255): string {
  const line = text.replace(/\s+/gu, " ").replace(DISGUISES, "\ufffd").trim();
  const characters = [...line];
  if (characters.length <= mostCharacters) return line;
  const tail = Math.floor((mostCharacters - 1) / 3);
  const head = mostCharacters - 1 - tail;
  return `${characters.slice(0, head).join("")}…${tail > 0 ? characters.slice(-tail).join("") : ""}`;
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text for HTML, between tags or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

const NUMBER = new Intl.NumberFormat("en");

/** `1,204`. */
export function displayNumber(count: number): string {
  return NUMBER.format(count);
}

/** `1 row`, `1,204 rows`. */
export function displayCount(count: number, one: string, many = `${one}s`): string {
  return `${displayNumber(count)} ${count === 1 ? one : many}`;
}

const TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });

/** `20 November 2026 at 09:03 UTC`. */
export function displayTime(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? display(iso, 40) : `${TIME.format(at)} UTC`;
}

const SIZE_UNITS = ["KB", "MB", "GB", "TB"] as const;

/** `640 bytes`, `12.3 KB`: powers of 1,000, as mail programs and file managers on most desktops count. */
export function displaySize(sizeBytes: number): string {
  if (sizeBytes < 1000) return displayCount(sizeBytes, "byte");
  let size = sizeBytes;
  let unit = -1;
  do {
    size /= 1000;
    unit += 1;
  } while (size >= 999.95 && unit < SIZE_UNITS.length - 1);
  return `${size.toFixed(1)} ${SIZE_UNITS[unit]}`;
}

/** `a`, `a and b`, `a, b and 3 more`. */
export function displayList(names: readonly string[], most = 3): string {
  if (names.length === 0) return "";
  const shown = names.length <= most ? names : names.slice(0, most - 1);
  const rest = names.length - shown.length;
  const parts = rest > 0 ? [...shown, `${displayNumber(rest)} more`] : [...shown];
  const last = parts.pop();
  return parts.length === 0 ? `${last}` : `${parts.join(", ")} and ${last}`;
}

/** Breaks a line at spaces, so that the text part reads in any window. A word longer than the width stands alone. */
export function wrap(text: string, { width = 76, indent = "" } = {}): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && indent.length + longer.length > width) {
      lines.push(indent + line);
      line = word;
    } else {
      line = longer;
    }
  }
  lines.push(indent + line);
  return lines.join("\n");
}
