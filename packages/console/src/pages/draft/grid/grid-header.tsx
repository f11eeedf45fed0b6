import type { DraftCheck } from "@inlet/contracts";
import { COLUMN_PX, GUTTER_PX, HEADER_PX, type ShownColumns } from "./geometry.ts";
import classes from "./grid-header.module.css";

/** The labels as they stand in the file, and below each the column that it means. */
export function GridHeader({ check, columns }: { check: DraftCheck; columns: ShownColumns }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: part of a grid of which only what is seen is in the page
    // biome-ignore lint/a11y/useFocusableInteractive: the grid itself has the focus
    <div role="row" aria-rowindex={1} className={classes.header} style={{ height: HEADER_PX }}>
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: see above */}
      <div role="columnheader" aria-colindex={1} className={classes.gutter} style={{ width: GUTTER_PX }}>
        Line
      </div>
      {check.columns.slice(columns.from, columns.from + columns.count).map(({ index, label, column }) => (
        // biome-ignore lint/a11y/useSemanticElements: see above
        // biome-ignore lint/a11y/useFocusableInteractive: see above
        <div
          key={index}
          role="columnheader"
          aria-colindex={index + 2}
          className={classes.label}
          style={{ left: GUTTER_PX + index * COLUMN_PX, width: COLUMN_PX }}
          title={label}
        >
          <span className={classes.own}>{label === "" ? "(no label)" : label}</span>
          <span className={classes.means} data-ignored={column === null || undefined}>
            {column === null ? "not imported" : column === label ? " " : `→ ${column}`}
          </span>
        </div>
      ))}
    </div>
  );
}
