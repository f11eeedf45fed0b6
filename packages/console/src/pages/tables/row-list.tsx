import type { RowPage, TableColumn } from "@inlet/contracts";
import { IconArrowDown, IconArrowUp, IconKey } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useRef } from "react";
import { PageLink } from "../../parts/links.tsx";
import { cellText, kindOf, widthOf } from "./cells.ts";
import classes from "./row-list.module.css";
import { directionOf, type RowQuestion } from "./row-question.ts";

export type Row = RowPage["rows"][number];

interface RowListProps {
  caption: string;
  columns: readonly TableColumn[];
  rows: readonly Row[];
  question: RowQuestion;
  onOrder: (column: string) => void;
  onOpen: (at: number) => void;
  /** Rows of an earlier question are shown until the new ones are here. */
  isOld: boolean;
}

const ROW_PX = 37;
/** Rows beyond the edges that are drawn already. */
const AHEAD_ROWS = 12;
/** So many of the first rows say how wide the columns are. */
const MEASURED_ROWS = 100;

/** Imported rows, of which only those that are seen are in the page. The arrow keys go from row to row. */
export function RowList({ caption, columns, rows, question, onOrder, onOpen, isOld }: RowListProps) {
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    overscan: AHEAD_ROWS,
  });
  const items = virtual.getVirtualItems();
  const abovePx = items[0]?.start ?? 0;
  const belowPx = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const first = rows.slice(0, MEASURED_ROWS);
  const widths = columns.map((column) => widthOf(column, first));
  const focusOn = (at: number) => {
    if (at < 0 || at >= rows.length) return;
    virtual.scrollToIndex(at);
    // The row may not be in the page before it was scrolled to.
    requestAnimationFrame(() => frame.current?.querySelector<HTMLElement>(`[data-at="${at}"]`)?.focus());
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTableRowElement>, at: number) => {
    if (event.target !== event.currentTarget) return;
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 };
    const next = steps[event.key];
    if (event.key !== "Enter" && next === undefined) return;
    event.preventDefault();
    if (next === undefined) onOpen(at);
    else focusOn(next);
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
    <section ref={frame} className={classes.frame} data-old={isOld || undefined} tabIndex={0} aria-label={caption}>
      <table
        className={classes.table}
        aria-rowcount={rows.length + 1}
        style={{ minWidth: widths.reduce((sum, width) => sum + width, 0) }}
      >
        <caption className="only-for-readers">{caption}</caption>
        <colgroup>
          {columns.map((column, at) => (
            <col key={column.name} style={{ width: widths[at] }} />
          ))}
          <col />
        </colgroup>
        <thead>
          <tr>
            {columns.map((column) => (
              <Header key={column.name} column={column} question={question} onOrder={onOrder} />
            ))}
            <td />
          </tr>
        </thead>
        <tbody>
          {abovePx > 0 && <Space heightPx={abovePx} columns={columns.length + 1} />}
          {items.map(({ index }) => (
            <tr
              key={index}
              data-at={index}
              aria-rowindex={index + 2}
              tabIndex={0}
              onClick={(event) => {
                const isLink = event.target instanceof Element && event.target.closest("a") !== null;
                if (!isLink && (window.getSelection()?.toString() ?? "") === "") onOpen(index);
              }}
              onKeyDown={(event) => onKeyDown(event, index)}
            >
              {columns.map((column) => (
                <RowCell key={column.name} column={column} row={rows[index]!} />
              ))}
              <td />
            </tr>
          ))}
          {belowPx > 0 && <Space heightPx={belowPx} columns={columns.length + 1} />}
        </tbody>
      </table>
    </section>
  );
}

function Space({ heightPx, columns }: { heightPx: number; columns: number }) {
  return (
    <tr aria-hidden className={classes.space}>
      <td colSpan={columns} style={{ height: heightPx }} />
    </tr>
  );
}

function Header({ column, question, onOrder }: { column: TableColumn } & Pick<RowListProps, "question" | "onOrder">) {
  const direction = directionOf(question, column.name);
  const Arrow = direction === "descending" ? IconArrowDown : IconArrowUp;
  return (
    <th scope="col" data-kind={kindOf(column)} aria-sort={direction ?? "none"}>
      <button
        type="button"
        className={classes.order}
        data-ordered={direction !== undefined || undefined}
        title={`${column.name}: ${column.postgresType}${column.key ? ", part of the key" : ""}. Order by it`}
        onClick={() => onOrder(column.name)}
      >
        {column.key && <IconKey size={13} aria-label="Key" />}
        <span className={classes.name}>{column.name}</span>
        <Arrow size={13} aria-hidden className={classes.arrow} />
      </button>
    </th>
  );
}

function RowCell({ column, row }: { column: TableColumn; row: Row }) {
  const kind = kindOf(column);
  const text = cellText(row[column.name], kind);
  return (
    <td data-kind={kind} title={text !== undefined && text.length > 20 ? text : undefined}>
      {text === undefined && <span className={classes.null}>null</span>}
      {text !== undefined &&
        (column.own && column.name === "_batch" ? (
          <PageLink to="/batches/$batchId" params={{ batchId: text }}>
            {text}
          </PageLink>
        ) : (
          text
        ))}
    </td>
  );
}
