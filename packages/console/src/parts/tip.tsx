import { useEffect, useId, useRef, useState } from "react";
import { createPortal } from "react-dom";
import classes from "./tip.module.css";

/** Between the thing and its tip, and between the tip and the edges. */
const GAP_PX = 6;
const EDGE_PX = 8;
/** The pointer passes over many things on its way. */
const DELAY_MS = 300;

/**
 * A tip for things of which a page holds hundreds: it costs nothing until it is shown. It shows on hover, on focus and on
 * touch, and Escape takes it away (WCAG 2.2, 1.4.13).
 * @returns what the thing itself takes, and the tip to be put beside it
 */
export function useTip<Element extends HTMLElement>(textOf: () => string) {
  const [place, setPlace] = useState<DOMRect>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const id = useId();
  const hide = () => {
    clearTimeout(timer.current);
    setPlace(undefined);
  };
  const show = (element: Element, delayMs: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setPlace(element.getBoundingClientRect()), delayMs);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (place === undefined) return;
    const onKeyDown = ({ key }: KeyboardEvent) => key === "Escape" && setPlace(undefined);
    const onMove = () => setPlace(undefined);
    window.addEventListener("keydown", onKeyDown);
    window.addEventListener("scroll", onMove, { capture: true, passive: true });
    return () => {
      window.removeEventListener("keydown", onKeyDown);
      window.removeEventListener("scroll", onMove, { capture: true });
    };
  }, [place]);
  return {
    props: {
      "aria-describedby": place === undefined ? undefined : id,
      onPointerEnter: ({ currentTarget, pointerType }: React.PointerEvent<Element>) =>
        show(currentTarget, pointerType === "mouse" ? DELAY_MS : 0),
      onPointerLeave: hide,
      onFocus: ({ currentTarget }: React.FocusEvent<Element>) => {
        if (currentTarget.matches(":focus-visible")) show(currentTarget, 0);
      },
      onBlur: hide,
    },
    tip: place !== undefined && <Tip id={id} place={place} text={textOf()} />,
  };
}

function Tip({ id, place, text }: { id: string; place: DOMRect; text: string }) {
  const box = useRef<HTMLDivElement>(null);
  // Above the thing, or below it where there is no room; never beyond the edges.
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const { width, height } = element.getBoundingClientRect();
    const middle = place.left + place.width / 2 - width / 2;
    const above = place.top - height - GAP_PX;
    element.style.left = `${Math.max(EDGE_PX, Math.min(middle, window.innerWidth - width - EDGE_PX))}px`;
    element.style.top = `${above < EDGE_PX ? place.bottom + GAP_PX : above}px`;
    element.style.visibility = "visible";
  }, [place]);
  return createPortal(
    <div ref={box} id={id} role="tooltip" className={classes.tip}>
      {text}
    </div>,
    document.body,
  );
}
