import {
  type Column,
  type ColumnDef,
  createColumnHelper,
  FlexRender,
  type RowData,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import type { KeyboardEvent, ReactNode } from "react";
import classes from "./data-table.module.css";

/** Lists come sorted and filtered by the API; the table lays them out. */
const features = tableFeatures({});

/** Makes the columns of a {@link DataTable}. */
export const columnsOf = <Row extends RowData>() => createColumnHelper<typeof features, Row>();

declare module "@tanstack/react-table" {
  interface ColumnMeta<in out TFeatures, in out TData, in out TValue> {
    /** Figures stand to the right. */
    align?: "end";
    /** Left out where the screen is narrower than this. */
    from?: "sm" | "md" | "lg";
    /** Takes the room that the others leave. */
    grow?: boolean;
  }
}

interface DataTableProps<Row extends RowData> {
  /** What the table lists, for those who do not see it. */
  caption: string;
  // biome-ignore lint/suspicious/noExplicitAny: each column has a value type of its own
  columns: readonly ColumnDef<typeof features, Row, any>[];
  rows: readonly Row[];
  rowId: (row: Row) => string;
  /** Opens a row: by click, and by Enter on the row. The row must hold a link to the same place. */
  onOpen?: (row: Row) => void;
  /** Below the rows: “Show more”. */
  foot?: ReactNode;
}

/** A list of things of one kind. The arrow keys go from row to row. */
export function DataTable<Row extends RowData>({ caption, columns, rows, rowId, onOpen, foot }: DataTableProps<Row>) {
  const table = useTable({
    features,
    columns: columns as ColumnDef<typeof features, Row>[],
    data: rows as Row[],
    getRowId: rowId,
  });
  return (
    <div className={classes.frame}>
      <table className={classes.table}>
        <caption className="only-for-readers">{caption}</caption>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header) => (
                <th key={header.id} scope="col" {...layoutOf(header.column)}>
                  <FlexRender header={header} />
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody onKeyDown={goByArrows}>
          {table.getRowModel().rows.map((row) => (
            <tr
              key={row.id}
              tabIndex={onOpen ? 0 : undefined}
              data-opens={onOpen !== undefined || undefined}
              onClick={(event) => {
                if (!isOwnControl(event.target)) onOpen?.(row.original);
              }}
              onKeyDown={(event) => {
                if (event.key === "Enter" && event.target === event.currentTarget) onOpen?.(row.original);
              }}
            >
              {row.getAllCells().map((cell) => (
                <td key={cell.id} {...layoutOf(cell.column)}>
                  <FlexRender cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {foot}
    </div>
  );
}

function layoutOf<Row extends RowData>(column: Column<typeof features, Row, unknown>) {
  const { align, from, grow } = column.columnDef.meta ?? {};
  return { "data-align": align, "data-from": from, "data-grow": grow || undefined };
}

/** A link, a button or a chosen text in the row does what it does by itself. */
function isOwnControl(target: EventTarget): boolean {
  const inControl = target instanceof Element && target.closest("a, button, input, label, [role=menu]") !== null;
  return inControl || (window.getSelection()?.toString() ?? "") !== "";
}

function goByArrows(event: KeyboardEvent<HTMLTableSectionElement>): void {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" } as const;
  const direction = step[event.key as keyof typeof step];
  const row = (event.target as Element).closest("tr");
  if (direction === undefined || row === null || event.target !== row) return;
  const next = row[direction];
  if (!(next instanceof HTMLElement)) return;
  event.preventDefault();
  next.focus();
}
