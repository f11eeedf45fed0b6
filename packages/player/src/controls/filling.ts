/** The player on the whole screen; where a browser keeps that for videos of its own (phones of Apple's), on the whole page. */
export class Filling {
  readonly #element: HTMLElement;
  readonly #onChange: () => void;
  readonly #end = new AbortController();
  #overflow: string | undefined;

  /** @param element in the page's own tree, not in a shadow of it */
  constructor(element: HTMLElement, onChange: () => void) {
    this.#element = element;
    this.#onChange = onChange;
    const { signal } = this.#end;
    document.addEventListener("fullscreenchange", onChange, { signal });
    document.addEventListener(
      "keydown",
      (event) => {
        if (event.key === "Escape" && this.#overflow !== undefined) this.#fillPage(false);
      },
      { signal },
    );
  }

  get isFilled(): boolean {
    return this.#isOnScreen || this.#overflow !== undefined;
  }

  toggle(): void {
    if (this.#isOnScreen) document.exitFullscreen().catch(() => {});
    else if (this.#overflow !== undefined) this.#fillPage(false);
    else if (document.fullscreenEnabled) {
      this.#element.requestFullscreen().then(
        () => turn(this.#element),
        () => this.#fillPage(true),
      );
    } else this.#fillPage(true);
  }

  close(): void {
    this.#end.abort();
    if (this.#overflow !== undefined) this.#fillPage(false);
  }

  get #isOnScreen(): boolean {
    const root = this.#element.getRootNode() as Document | ShadowRoot;
    return root.fullscreenElement === this.#element;
  }

  #fillPage(fills: boolean): void {
    const page = document.documentElement;
    if (fills) {
      this.#overflow = page.style.overflow;
      page.style.overflow = "hidden";
    } else {
      page.style.overflow = this.#overflow ?? "";
      this.#overflow = undefined;
    }
    this.#element.toggleAttribute("data-fills-page", fills);
    this.#onChange();
  }
}

/** A phone turns to a film's wide side, where it lets pages say so. */
function turn(element: HTMLElement): void {
  const { orientation } = screen as { orientation?: { lock?: (way: string) => Promise<void> } };
  if (element.dataset.isWide === undefined || !matchMedia("(pointer: coarse)").matches) return;
  void orientation?.lock?.("landscape").catch(() => {});
}
