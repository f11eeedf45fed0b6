import { useEffect } from "react";

/** The page that is loaded first begins at its beginning, where the way past the navigation is. */
let isFirst = true;

/** When something is shown in the place of what had the focus, the focus goes to the page's title, and not to nowhere. */
export function useLostFocus(): void {
  useEffect(() => {
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (isLost && !isFirst) document.querySelector<HTMLElement>("h1[tabindex]")?.focus({ preventScroll: true });
    isFirst = false;
  }, []);
}
