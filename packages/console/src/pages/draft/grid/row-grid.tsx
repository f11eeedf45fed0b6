import type { Draft, DraftCheck } from "@inlet/contracts";
import { useElementSize } from "@mantine/hooks";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { api } from "../../../api/client.ts";
import { Failure, Nothing } from "../../../parts/states.tsx";
import { useDraftChange } from "../draft-query.ts";
import { isFiltered, type RowFilter } from "../row-filter.ts";
import { COLUMN_PX, GUTTER_PX, HEADER_PX, heightOf, layColumns, ROW_PX, scaleOf } from "./geometry.ts";
import { GridHeader } from "./grid-header.tsx";
import { GridRow } from "./grid-row.tsx";
import { moved, type Place } from "./moves.ts";
import classes from "./row-grid.module.css";
import { useRows } from "./use-rows.ts";

interface RowGridProps {
  draft: Draft;
  check: DraftCheck;
  filter: RowFilter;
  /** A line to go to; `asked` tells one wish from the next. */
  place: { line: number; asked: number } | undefined;
}

/**
 * The rows of the file as a grid of cells. Only what is seen is in the page, and only that is asked for: a million rows are
 * as smooth as ten, and ten thousand columns as ten.
 */
export function RowGrid({ draft, check, filter, place }: RowGridProps) {
  const { ref: frame, height, width } = useElementSize<HTMLDivElement>();
  const scroller = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [left, setLeft] = useState(0);
  const [active, setActive] = useState<Place>({ row: 0, column: 0 });
  const [editing, setEditing] = useState(false);
  /** The record that the keyboard is at. A list of findings closes up as they are mended. */
  const activeRecord = useRef<number | undefined>(undefined);
  // While somebody types, no row may move or go.
  const shownCheck = useRef(check);
  if (!editing) shownCheck.current = check;

  const bodyPx = Math.max(0, height - HEADER_PX);
  const visibleRows = Math.ceil(bodyPx / ROW_PX) + 1;
  const columns = layColumns({ left, width: width - GUTTER_PX, count: check.columns.length });
  const rows = useRows({
    ...{ draft, check: shownCheck.current, filter, from: Math.floor(top), count: visibleRows, columns },
  });
  const scale = scaleOf({ rowCount: rows.count, bodyPx });

  const goTo = (row: number) => {
    const next = Math.max(0, Math.min(row, rows.count - Math.floor(bodyPx / ROW_PX)));
    setTop(next);
    if (scroller.current) scroller.current.scrollTop = scale.toPx(next);
  };

  const activate = (next: Place) => {
    activeRecord.current = rows.row(next.row)?.record;
    setActive(next);
  };
  const recordThere = rows.row(active.row)?.record;
  // biome-ignore lint/correctness/useExhaustiveDependencies: when another record takes the place
  useEffect(() => {
    const at = activeRecord.current === undefined ? undefined : rows.placeOf(activeRecord.current);
    if (at !== undefined && at !== active.row) setActive({ ...active, row: at });
    else activeRecord.current = recordThere;
  }, [recordThere]);

  const showColumn = (column: number) => {
    const element = scroller.current;
    if (!element) return;
    const room = width - GUTTER_PX;
    if (column * COLUMN_PX < element.scrollLeft) element.scrollLeft = column * COLUMN_PX;
    else if ((column + 1) * COLUMN_PX > element.scrollLeft + room) element.scrollLeft = (column + 1) * COLUMN_PX - room;
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: other rows are shown from their beginning
  useEffect(() => {
    activeRecord.current = undefined;
    setActive({ row: 0, column: 0 });
    goTo(0);
  }, [filter]);

  // Of one kind of finding its first cell is shown, however far to the right it stands.
  const foundColumn =
    filter.finding === undefined
      ? undefined
      : (rows.row(0)?.findings.find(({ code }) => code === filter.finding)?.columnIndex ?? undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each wish, as soon as its rows are here
  useEffect(() => {
    if (foundColumn === undefined) return;
    setActive({ row: 0, column: foundColumn });
    showColumn(foundColumn);
  }, [filter, foundColumn === undefined]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each wish is followed once
  useEffect(() => {
    if (place === undefined) return;
    let isMeant = true;
    void api.draftRows(draft.id, { line: place.line, count: 1 }).then(({ rows: [row] }) => {
      if (!isMeant || row === undefined) return;
      const column = row.findings.find(({ columnIndex }) => columnIndex !== null)?.columnIndex ?? 0;
      activeRecord.current = row.record;
      setActive({ row: row.record - 1, column });
      goTo(row.record - 3);
      showColumn(column);
      // Who went there by keyboard goes on there.
      scroller.current?.focus({ preventScroll: true });
    });
    return () => {
      isMeant = false;
    };
  }, [place]);

  const edit = useDraftChange(
    draft.id,
    ({ record, columnIndex, value }: { record: number; columnIndex: number; value: string }) =>
      api.editDraft(draft.id, { edits: [{ record, columnIndex, value }] }),
  );

  const show = ({ row, column }: Place) => {
    const whole = Math.floor(bodyPx / ROW_PX);
    if (row < top) goTo(row);
    else if (row >= Math.floor(top) + whole) goTo(row - whole + 1);
    showColumn(column);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (editing) return;
    if (event.key === "Enter" || event.key === "F2") {
      event.preventDefault();
      if (draft.editable) setEditing(true);
      return;
    }
    const next = moved(active, event, {
      rows: rows.count,
      columns: check.columns.length,
      page: Math.max(1, Math.floor(bodyPx / ROW_PX) - 1),
    });
    if (next === undefined) return;
    event.preventDefault();
    activate(next);
    show(next);
  };

  // A long file is drawn smaller than it is: the wheel goes by rows all the same.
  useEffect(() => {
    const element = scroller.current;
    if (!element || scale.isWhole) return;
    const onWheel = (event: WheelEvent) => {
      if (event.deltaY === 0 || event.shiftKey || event.ctrlKey) return;
      event.preventDefault();
      setTop((at) => {
        const next = Math.max(0, Math.min(at + event.deltaY / ROW_PX, rows.count - bodyPx / ROW_PX));
        element.scrollTop = scale.toPx(next);
        return next;
      });
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [scale, rows.count, bodyPx]);

  const first = Math.floor(top);
  const shown = Array.from({ length: Math.max(0, Math.min(visibleRows, rows.count - first)) }, (_, at) => first + at);
  return (
    <div ref={frame} className={classes.frame} style={{ maxHeight: heightOf(check.counts.records) }}>
      {rows.error !== null && <Failure error={rows.error} />}
      {edit.isError && <Failure error={edit.error} />}
      {rows.isEmpty && <Nothing title="No row has such a finding" />}
      {/* biome-ignore lint/a11y/useSemanticElements: a table element cannot hold only the part of it that is seen */}
      <div
        ref={scroller}
        role="grid"
        tabIndex={0}
        aria-label="Rows of the file"
        aria-rowcount={isFiltered(filter) ? -1 : rows.count + 1}
        aria-colcount={check.columns.length + 1}
        aria-activedescendant={`cell-${active.row}-${active.column}`}
        className={classes.scroller}
        onKeyDown={onKeyDown}
        onScroll={({ currentTarget }) => {
          setLeft(currentTarget.scrollLeft);
          const at = scale.toRow(currentTarget.scrollTop);
          // What this grid set itself comes back rounded to pixels.
          if (Math.abs(scale.toPx(top) - currentTarget.scrollTop) > 1.5) setTop(at);
        }}
      >
        <div
          className={classes.space}
          style={{ height: scale.wholePx + HEADER_PX, width: GUTTER_PX + check.columns.length * COLUMN_PX }}
        >
          <div className={classes.window}>
            <GridHeader check={check} columns={columns} />
            {shown.map((at) => (
              <GridRow
                key={at}
                at={at}
                row={rows.row(at)}
                columns={columns}
                active={active.row === at ? active.column : undefined}
                editing={editing && active.row === at}
                editable={draft.editable}
                topPx={HEADER_PX + (at - top) * ROW_PX}
                onActivate={(column, isEdit) => {
                  activate({ row: at, column });
                  setEditing(isEdit && draft.editable);
                }}
                onEdit={(row, columnIndex, value) => edit.mutate({ record: row.record, columnIndex, value })}
                onEndEdit={() => {
                  setEditing(false);
                  scroller.current?.focus();
                }}
              />
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}
