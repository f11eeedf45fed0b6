import { Popover, UnstyledButton } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { memo, useState } from "react";
import { CellEditor } from "./cell-editor.tsx";
import { COLUMN_PX, GUTTER_PX, ROW_PX, type ShownColumns } from "./geometry.ts";
import classes from "./grid-row.module.css";
import { RowErrors } from "./row-errors.tsx";
import type { ShownRow } from "./shown-row.ts";

interface GridRowProps {
  /** Its place in the list, from 0. */
  at: number;
  row: ShownRow | undefined;
  columns: ShownColumns;
  /** The place of the cell that the keyboard is at, where it is in this row. */
  active: number | undefined;
  editing: boolean;
  editable: boolean;
  topPx: number;
  onActivate: (column: number, isEdit: boolean) => void;
  onEdit: (row: ShownRow, column: number, value: string) => void;
  onEndEdit: () => void;
}

/** One row: its line, its findings behind a button, its cells. */
export const GridRow = memo(function GridRow(props: GridRowProps) {
  const { at, row, columns, active, editing, editable, topPx, onActivate, onEdit, onEndEdit } = props;
  return (
    // biome-ignore lint/a11y/useSemanticElements: part of a grid of which only what is seen is in the page
    // biome-ignore lint/a11y/useFocusableInteractive: the grid itself has the focus
    <div
      role="row"
      aria-rowindex={row === undefined ? at + 2 : row.record + 1}
      className={classes.row}
      data-invalid={row?.invalid || undefined}
      data-found={(row?.findings.length ?? 0) > 0 || undefined}
      style={{ height: ROW_PX, transform: `translateY(${topPx}px)` }}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: see above */}
      <div role="rowheader" aria-colindex={1} className={classes.gutter} style={{ width: GUTTER_PX }}>
        <span>{row?.line ?? ""}</span>
        {row !== undefined && row.findings.length > 0 && <ShowErrors row={row} editable={editable} onEdit={onEdit} />}
      </div>
      {Array.from({ length: columns.count }, (_, offset) => columns.from + offset).map((column) => {
        const text = row?.cell(column);
        const found = row?.findings.find((finding) => finding.columnIndex === column);
        const isActive = active === column;
        return (
          // biome-ignore lint/a11y/useSemanticElements: see above
          // biome-ignore lint/a11y/useFocusableInteractive: see above
          // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys
          <div
            key={column}
            role="gridcell"
            id={`cell-${at}-${column}`}
            aria-colindex={column + 2}
            aria-invalid={found?.severity === "error" || undefined}
            aria-selected={isActive}
            className={classes.cell}
            data-severity={found?.severity}
            data-edited={row?.edited.includes(column) || undefined}
            data-active={isActive || undefined}
            style={{ left: GUTTER_PX + column * COLUMN_PX, width: COLUMN_PX }}
            title={found?.message ?? text}
            onClick={() => onActivate(column, false)}
            onDoubleClick={() => onActivate(column, true)}
          >
            {isActive && editing && row !== undefined ? (
              <CellEditor
                row={row}
                column={column}
                onDone={(value) => {
                  if (value !== undefined) onEdit(row, column, value);
                  onEndEdit();
                }}
              />
            ) : (
              <span className={classes.text}>{text ?? ""}</span>
            )}
          </div>
        );
      })}
    </div>
  );
});

interface ShowErrorsProps {
  row: ShownRow;
  editable: boolean;
  onEdit: GridRowProps["onEdit"];
}

function ShowErrors({ row, editable, onEdit }: ShowErrorsProps) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="right-start"
      withArrow
      shadow="md"
      width={380}
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <UnstyledButton
          className={classes.errors}
          data-severity={row.invalid ? "error" : "warning"}
          aria-label={`Show the error of line ${row.line}`}
          onClick={() => setOpened(!opened)}
        >
          <IconAlertCircle size={17} aria-hidden />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <RowErrors
          row={row}
          editable={editable}
          onFix={(column, value) => {
            onEdit(row, column, value);
            setOpened(false);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
