import { paletteOf } from "../palette.ts";

const ICON = /^([0-9a-f]{6})-([\p{L}\p{N}])\.svg$/u;

/** The name of the icon for those who bring none: the brand's colour and the sender's first letter. */
export function iconOf(colour: string, sender: string): string {
  const letter = /[\p{L}\p{N}]/u.exec(sender)?.[0] ?? "";
  // Some capitals are two letters, such as those of ß.
  const capital = [...letter.toLocaleUpperCase("en")];
  const shown = capital.length === 1 ? capital[0]! : letter;
  return encodeURIComponent(`${colour.slice(1).toLowerCase()}-${shown === "" ? "1" : shown}.svg`);
}

/** The icon of a name, which holds all that is needed to draw it. Undefined: it is no icon's. */
export function drawIcon(name: string): string | undefined {
  const match = ICON.exec(name);
  if (match === null) return undefined;
  const { button, onButton } = paletteOf(`#${match[1]}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="16" fill="${button}"/><text x="32" y="33" font-family="system-ui,sans-serif" font-size="38" font-weight="700" text-anchor="middle" dominant-baseline="central" fill="${onButton}">${match[2]}</text></svg>`;
}
