import type { Draft, DraftCheck } from "@inlet/contracts";
import { Alert, Stack } from "@mantine/core";
import { useState } from "react";
import { FileFindings } from "./file-findings.tsx";
import { FindingsPanel } from "./findings-panel.tsx";
import { RowGrid } from "./grid/row-grid.tsx";
import { Mapping } from "./mapping.tsx";
import classes from "./review.module.css";
import { ALL_ROWS, type RowFilter } from "./row-filter.ts";
import { RowToolbar } from "./row-toolbar.tsx";

/** What the check understood and found: columns, rows, findings; with all that can be mended here. */
export function Review({ draft, check }: { draft: Draft; check: DraftCheck }) {
  const [filter, setFilter] = useState<RowFilter>(ALL_ROWS);
  const [place, setPlace] = useState<{ line: number; asked: number }>();
  const hasFindings = check.findings.byCode.length > 0;
  return (
    <Stack gap="lg">
      <FileFindings findings={check.findings.ofFile} />
      <Mapping draft={draft} check={check} />
      {draft.whyNotEditable !== null && hasFindings && (
        <Alert color="gray" variant="light">
          {draft.whyNotEditable}
        </Alert>
      )}
      <div className={classes.columns} data-findings={hasFindings || undefined}>
        <section className={classes.rows} aria-label="Rows of the file">
          <RowToolbar
            draft={draft}
            check={check}
            filter={filter}
            onFilter={setFilter}
            onLine={(line) => {
              setFilter(ALL_ROWS);
              setPlace({ line, asked: Date.now() });
            }}
          />
          {check.counts.records > 0 && <RowGrid draft={draft} check={check} filter={filter} place={place} />}
        </section>
        {hasFindings && <FindingsPanel draft={draft} check={check} filter={filter} onFilter={setFilter} />}
      </div>
    </Stack>
  );
}
