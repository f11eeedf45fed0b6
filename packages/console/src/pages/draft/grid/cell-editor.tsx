import { type ChangeEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import classes from "./cell-editor.module.css";
import { hasLines, withLineEndsOf } from "./line-ends.ts";
import { type ShownRow, whyNotMended } from "./shown-row.ts";

interface CellEditorProps {
  row: ShownRow;
  column: number;
  /** Undefined: the cell stays as it is. */
  onDone: (value: string | undefined) => void;
}

/** A cell being mended. Enter takes it, Escape leaves it; in a cell of several lines, Shift and Enter begin another one. */
export function CellEditor({ row, column, onDone }: CellEditorProps) {
  // As it was when it was opened: what comes meanwhile is not what somebody has seen and mended.
  const [before] = useState(() => row.cell(column) ?? "");
  const [whyNot] = useState(() => whyNotMended(row, column));
  const [value, setValue] = useState(before);
  const input = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const isOver = useRef(false);
  useEffect(() => input.current?.select(), []);
  const end = (taken: boolean) => {
    if (isOver.current) return;
    isOver.current = true;
    const text = withLineEndsOf(before, value);
    onDone(taken && text !== before ? text : undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Enter" && !(event.shiftKey && hasLines(before))) end(true);
    if (event.key === "Escape") end(false);
  };
  const field = {
    className: classes.input,
    "aria-label": `Mend the cell in line ${row.line}`,
    value,
    readOnly: whyNot !== undefined,
    title: whyNot,
    onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => setValue(event.currentTarget.value),
    onKeyDown,
    onBlur: () => end(true),
  };
  return hasLines(before) ? <textarea ref={input} {...field} /> : <input ref={input} {...field} />;
}
