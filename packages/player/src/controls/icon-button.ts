import { make } from "../make.ts";
import { type IconName, icon } from "./icons.ts";

/** A button that shows a picture, and says what it does by its name. */
export class IconButton {
  readonly element: HTMLButtonElement;
  #shown = "";

  /** @param keys as `aria-keyshortcuts` names them */
  constructor(className: string, keys: string, onPress: () => void) {
    this.element = make("button", className, { type: "button", ...(keys && { "aria-keyshortcuts": keys }) });
    this.element.addEventListener("click", onPress);
  }

  /** @param words shown beside the picture, instead of being its name alone */
  show(name: IconName, label: string, words = ""): void {
    const shown = `${name} ${label} ${words}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.element.replaceChildren(icon(name), ...(words ? [make("span", "label", {}, [words])] : []));
    this.element.setAttribute("aria-label", label);
    this.element.title = words ? "" : label;
  }
}
