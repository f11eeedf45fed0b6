/** Red, green and blue, 0 to 255. */
type Rgb = readonly [number, number, number];

/** The colours that a page and its picture take from a brand's one colour. All as `#rrggbb`. */
export interface Palette {
  /** The picture's background, from corner to corner. */
  from: string;
  to: string;
  /** Text on it. */
  ink: string;
  /** The button, and text on it. */
  button: string;
  onButton: string;
  /** The page's background near the picture, on light and on dark screens; {@link SOFT_TEXT} is readable on it. */
  tint: string;
  darkTint: string;
  /** Of links in the text, on light and on dark screens. */
  link: string;
  darkLink: string;
}

/** The paler of a page's two colours of text, on light and on dark screens. */
export const SOFT_TEXT = { light: "#565c6e", dark: "#abb1c2" } as const;

const WHITE: Rgb = [255, 255, 255];
const NIGHT: Rgb = [17, 19, 26];
/** What stands on a page at night, such as a card. */
const DARK_CARD: Rgb = [24, 27, 36];

/** WCAG 2.2, success criterion 1.4.3: contrast of ordinary text. */
const READABLE = 4.5;

/** Derives a palette in which all text is readable, whatever the brand's colour. */
export function paletteOf(colour: string): Palette {
  const brand = parse(colour);
  // White looks right on most colours, and on the darker shades of nearly all; light ones keep their character with dark text.
  const ink = contrast(brand, WHITE) >= 2.6 ? WHITE : NIGHT;
  const towards = ink === WHITE ? NIGHT : WHITE;
  const from = untilReadable(brand, towards, ink);
  const to = ink === WHITE ? mix(from, NIGHT, 0.45) : mix(from, WHITE, 0.35);
  const onButton = contrast(brand, WHITE) >= READABLE ? WHITE : contrast(brand, NIGHT) >= READABLE ? NIGHT : WHITE;
  const tint = untilReadable(mix(brand, WHITE, 0.88), WHITE, parse(SOFT_TEXT.light));
  const darkTint = untilReadable(mix(brand, NIGHT, 0.74), NIGHT, parse(SOFT_TEXT.dark));
  return {
    from: hex(from),
    to: hex(to),
    ink: hex(ink),
    button: hex(untilReadable(brand, onButton === WHITE ? NIGHT : WHITE, onButton)),
    onButton: hex(onButton),
    tint: hex(tint),
    darkTint: hex(darkTint),
    link: hex(untilReadable(brand, NIGHT, tint)),
    darkLink: hex(untilReadable(untilReadable(mix(brand, WHITE, 0.3), WHITE, darkTint), WHITE, DARK_CARD)),
  };
}

/** A button that is seen on a dark page: less contrast with it and it sinks in. */
const SEEN = 2.2;

/**
 * The button on a dark page: in the brand's colour where it stands out there; otherwise in its second colour; otherwise in the
 * first one made lighter. The text on it is readable.
 */
export function nightButton(colour: string, accent: string): { button: string; onButton: string } {
  const [brand, second] = [parse(colour), parse(accent)];
  const isSeen = (candidate: Rgb) => contrast(candidate, DARK_CARD) >= SEEN;
  const { button } = paletteOf(colour);
  if (isSeen(parse(button))) return { button, onButton: paletteOf(colour).onButton };
  let shown = isSeen(second) ? second : brand;
  for (let share = 0.1; !isSeen(shown); share += 0.1) shown = mix(brand, WHITE, share);
  const of = paletteOf(hex(shown));
  return { button: of.button, onButton: of.onButton };
}

function untilReadable(colour: Rgb, towards: Rgb, text: Rgb): Rgb {
  let mixed = colour;
  for (let share = 0.05; contrast(mixed, text) < READABLE && share <= 1; share += 0.05)
    mixed = mix(colour, towards, share);
  return mixed;
}

function parse(colour: string): Rgb {
  const bits = Number.parseInt(colour.slice(1), 16);
  return [bits >> 16, (bits >> 8) & 255, bits & 255];
}

function hex(colour: Rgb): string {
  return `#${colour.map((channel) => Math.round(channel).toString(16).padStart(2, "0")).join("")}`;
}

function mix(colour: Rgb, other: Rgb, share: number): Rgb {
  const blend = (index: 0 | 1 | 2) => colour[index] + (other[index] - colour[index]) * share;
  return [blend(0), blend(1), blend(2)];
}

/** WCAG 2.2, "contrast ratio": 1 to 21. */
function contrast(first: Rgb, second: Rgb): number {
  const [light, dark] = [luminance(first), luminance(second)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
