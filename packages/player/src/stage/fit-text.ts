import { LINE_HEIGHT, TEXT_STEPS, type TextStyle } from "@inlet/storyboard/film";

/**
 * Sets words as large as they fit their box, see {@link TEXT_STEPS}: no word broken, no line cut off; at the smallest step
 * both, with an ellipsis. The element must stand in the page.
 */
export function fitText(
  words: HTMLElement,
  { size }: Pick<TextStyle, "size">,
  box: { width: number; height: number },
): void {
  const { style } = words;
  const set = (step: number) => {
    style.fontSize = `${size * step}px`;
    style.lineHeight = `${size * step * LINE_HEIGHT}px`;
  };
  style.overflowWrap = "normal";
  words.classList.remove("cut");
  for (const step of TEXT_STEPS) {
    set(step);
    // The boxes count whole pixels, and so do these two.
    if (words.scrollWidth <= box.width && words.offsetHeight <= box.height) return;
  }
  style.overflowWrap = "anywhere";
  if (words.offsetHeight <= box.height) return;
  const lineHeight = size * TEXT_STEPS.at(-1)! * LINE_HEIGHT;
  words.classList.add("cut");
  style.setProperty("-webkit-line-clamp", String(Math.max(1, Math.floor(box.height / lineHeight))));
}
