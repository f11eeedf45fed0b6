import { type ChangeEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import classes from "./cell-editor.module.css";
import { hasLines, withLineEndsOf } from "./line-ends.ts";
import type { ShownRow } from "./use-rows.ts";

interface CellEditorProps {
  row: ShownRow;
  column: number;
  /** Undefined: the cell stays as it is. */
  onDone: (value: string | undefined) => void;
}

/** A cell being mended. Enter takes it, Escape leaves it; in a cell of several lines, Shift and Enter begin another one. */
export function CellEditor({ row, column, onDone }: CellEditorProps) {
  const before = row.cell(column) ?? "";
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
  const isCut = row.cut.includes(column);
  const field = {
    className: classes.input,
    "aria-label": `Mend the cell in line ${row.line}`,
    value,
    // A cell that is shown in part only would lose the rest.
    readOnly: isCut,
    title: isCut ? "This cell is longer than is shown here. Mend it in the file itself." : undefined,
    onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => setValue(event.currentTarget.value),
    onKeyDown,
    onBlur: () => end(true),
  };
  return hasLines(before) ? <textarea ref={input} {...field} /> : <input ref={input} {...field} />;
}
