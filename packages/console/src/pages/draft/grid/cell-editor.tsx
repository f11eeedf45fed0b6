import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import classes from "./cell-editor.module.css";
import type { ShownRow } from "./use-rows.ts";

interface CellEditorProps {
  row: ShownRow;
  column: number;
  /** Undefined: the cell stays as it is. */
  onDone: (value: string | undefined) => void;
}

/** A cell being mended. Enter takes it, Escape leaves it. */
export function CellEditor({ row, column, onDone }: CellEditorProps) {
  const before = row.cell(column) ?? "";
  const [value, setValue] = useState(before);
  const input = useRef<HTMLInputElement>(null);
  const isOver = useRef(false);
  useEffect(() => input.current?.select(), []);
  const end = (taken: boolean) => {
    if (isOver.current) return;
    isOver.current = true;
    onDone(taken && value !== before ? value : undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Enter") end(true);
    if (event.key === "Escape") end(false);
  };
  return (
    <input
      ref={input}
      className={classes.input}
      aria-label={`Mend the cell in line ${row.line}`}
      value={value}
      // A cell that is shown in part only would lose the rest.
      readOnly={row.cut.includes(column)}
      onChange={(event) => setValue(event.currentTarget.value)}
      onKeyDown={onKeyDown}
      onBlur={() => end(true)}
    />
  );
}
