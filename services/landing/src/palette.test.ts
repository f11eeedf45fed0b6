import { expect, test } from "vitest";
import { nightButton, paletteOf, SOFT_TEXT } from "./palette.ts";

/** Contrast by another way than the palette's own: WCAG 2.2's formula written out. */
function contrast(first: string, second: string): number {
  const luminance = (colour: string) =>
    [1, 3, 5]
      .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4))
      .reduce((sum, share, index) => sum + share * [0.2126, 0.7152, 0.0722][index]!, 0);
  const [a, b] = [luminance(first) + 0.05, luminance(second) + 0.05];
  return Math.max(a, b) / Math.min(a, b);
}

const COLOURS = Array.from({ length: 6 ** 3 }, (_, i) =>
  [i % 6, Math.floor(i / 6) % 6, Math.floor(i / 36)].map((step) => (step * 51).toString(16).padStart(2, "0")).join(""),
).map((digits) => `#${digits}`);

test("text is readable on the picture and the button for every brand's colour", () => {
  const unreadable = [...COLOURS, "#2b4bff", "#777777", "#808080"].filter((colour) => {
    const { from, to, ink, button, onButton } = paletteOf(colour);
    return Math.min(contrast(from, ink), contrast(to, ink), contrast(button, onButton)) < 4.45;
  });
  expect(unreadable).toEqual([]);
});

test("text and links are readable on the page's background for every brand's colour, by day and by night", () => {
  const unreadable = COLOURS.filter((colour) => {
    const { tint, darkTint, link, darkLink } = paletteOf(colour);
    const [day, night] = ["#ffffff", "#181b24"];
    const pairs = [
      ...[tint, day].flatMap((back) => [contrast(back, SOFT_TEXT.light), contrast(back, link)]),
      ...[darkTint, night].flatMap((back) => [contrast(back, SOFT_TEXT.dark), contrast(back, darkLink)]),
    ];
    return Math.min(...pairs) < 4.45;
  });
  expect(unreadable).toEqual([]);
});

test("a brand's colour that is readable as it is stays as it is", () => {
  expect(paletteOf("#2b4bff")).toMatchObject({
    from: "#2b4bff",
    button: "#2b4bff",
    ink: "#ffffff",
    onButton: "#ffffff",
  });
  expect(paletteOf("#FFD400")).toMatchObject({ from: "#ffd400", button: "#ffd400", ink: "#11131a" });
});

test("at night a button stands out from the page: in the brand's own colour, its second one, or a lighter shade", () => {
  expect(nightButton("#2b4bff", "#ffb020")).toEqual({ button: "#2b4bff", onButton: "#ffffff" });
  expect(nightButton("#2b1140", "#ffc24a")).toEqual({ button: "#ffc24a", onButton: "#11131a" });
  for (const colour of COLOURS) {
    const { button, onButton } = nightButton(colour, "#000000");
    expect(contrast(button, "#181b24")).toBeGreaterThan(1.9);
    expect(contrast(button, onButton)).toBeGreaterThan(4.45);
  }
});
