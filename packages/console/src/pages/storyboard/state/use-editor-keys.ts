import { useEffect, useRef } from "react";

interface EditorKeys {
  undo: () => void;
  redo: () => void;
  save: () => void;
  toggle: () => void;
}

/** Keys that work wherever one is: undo and redo also within a field, so that they are of the whole storyboard. */
export function useEditorKeys(keys: EditorKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const act = actOf(event, latest.current);
      if (act === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    };
    window.addEventListener("keydown", onKeyDown, { capture: true });
    return () => window.removeEventListener("keydown", onKeyDown, { capture: true });
  }, []);
}

function actOf(event: KeyboardEvent, keys: EditorKeys): (() => void) | undefined {
  const target = event.target instanceof Element ? event.target : document.body;
  const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey;
  const key = event.key.toLowerCase();
  if (isCommand && key === "s") return keys.save;
  // The text editor and dialogs undo what was typed into them themselves.
  const isInDialog = target.closest("[role=dialog]") !== null && target.closest("[data-undo]") === null;
  const isElsewhere = isInDialog || target.closest("[data-own-undo]") !== null;
  if (isCommand && key === "z" && !isElsewhere) return event.shiftKey ? keys.redo : keys.undo;
  if (isCommand && key === "y" && !isElsewhere) return keys.redo;
  const isTaken =
    target.closest(
      "input, textarea, select, button, a, [role=button], [role=slider], [role=dialog], [contenteditable=true], [role=option], [role=menuitem]",
    ) !== null;
  if (event.key === " " && !isCommand && !isTaken) return keys.toggle;
  return undefined;
}
