import type { TableColumn } from "@inlet/contracts";
import { CloseButton } from "@mantine/core";
import { kindOf } from "./cells.ts";
import { FilterEditor } from "./filter-editor.tsx";
import classes from "./filter-pills.module.css";
import { filterText } from "./operator-words.ts";
import type { RowFilter } from "./row-question.ts";

interface FilterPillsProps {
  filters: readonly RowFilter[];
  columns: readonly TableColumn[];
  onChange: (filters: readonly RowFilter[]) => void;
}

/** The filters that hold, each to be changed or taken away. */
export function FilterPills({ filters, columns, onChange }: FilterPillsProps) {
  return filters.map((filter, at) => {
    const column = columns.find(({ name }) => name === filter.column);
    const text = filterText(filter, column === undefined ? "text" : kindOf(column));
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: the same filter may stand there twice
      <span key={`${at} ${text}`} className={classes.pill}>
        <FilterEditor columns={columns} filter={filter} onSet={(next) => onChange(filters.with(at, next))}>
          {(open) => (
            <button type="button" className={classes.text} onClick={open} title={text}>
              {text}
            </button>
          )}
        </FilterEditor>
        <CloseButton
          size="sm"
          aria-label={`Take away: ${text}`}
          onClick={() => onChange(filters.filter((_, place) => place !== at))}
        />
      </span>
    );
  });
}
