import css from "./player.css?inline";

let sheet: CSSStyleSheet | undefined;

/** The player's own style: no page's policy forbids it, and it touches nothing of the page. */
export function playerSheet(): CSSStyleSheet {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  return sheet;
}
