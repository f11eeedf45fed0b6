import type { Draft, DraftCheck } from "@inlet/contracts";
import { count } from "@inlet/contracts/figures";
import { Button, Group, NumberInput, SegmentedControl, Text } from "@mantine/core";
import { IconArrowBackUp, IconCornerDownRight, IconDownload } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { api } from "../../api/client.ts";
import { codeText } from "../../parts/code-text.ts";
import { useDraftChange } from "./draft-query.ts";
import { ALL_ROWS, isFiltered, type RowFilter } from "./row-filter.ts";
import classes from "./row-toolbar.module.css";

interface RowToolbarProps {
  draft: Draft;
  check: DraftCheck;
  filter: RowFilter;
  onFilter: (filter: RowFilter) => void;
  onLine: (line: number) => void;
}

/** Which rows are shown, going to a line, and what can be taken away. */
export function RowToolbar({ draft, check, filter, onFilter, onLine }: RowToolbarProps) {
  const undo = useDraftChange(draft.id, () => api.undoDraftEdits(draft.id));
  const found = check.findings.errors + check.findings.warnings;
  return (
    <Group className={classes.bar} gap="sm" justify="space-between">
      <Group gap="sm">
        {found > 0 && (
          <SegmentedControl
            size="xs"
            aria-label="Which rows"
            value={isFiltered(filter) ? "found" : "all"}
            onChange={(value) => onFilter(value === "all" ? ALL_ROWS : { only: "findings" })}
            data={[
              { value: "all", label: `All ${count(check.counts.records, "row")}` },
              { value: "found", label: "Rows with findings" },
            ]}
          />
        )}
        {filter.finding !== undefined && (
          <Text fz="sm">
            {codeText(filter.finding)}
            {filter.column !== undefined && ` in ${filter.column}`}
          </Text>
        )}
        <JumpToLine onLine={onLine} />
      </Group>
      <Group gap="xs">
        {draft.editCount > 0 && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconArrowBackUp size={15} aria-hidden />}
            loading={undo.isPending}
            onClick={() => undo.mutate(undefined)}
          >
            Undo {count(draft.editCount, "change")}
          </Button>
        )}
        {draft.editCount > 0 && (
          <Button
            size="xs"
            variant="default"
            component="a"
            href={`/v1/drafts/${draft.id}/content`}
            leftSection={<IconDownload size={15} aria-hidden />}
          >
            Mended file
          </Button>
        )}
        {check.findings.errors > 0 && (
          <Button
            size="xs"
            variant="default"
            component="a"
            href={`/v1/drafts/${draft.id}/errors`}
            leftSection={<IconDownload size={15} aria-hidden />}
          >
            Error file
          </Button>
        )}
      </Group>
    </Group>
  );
}

function JumpToLine({ onLine }: { onLine: (line: number) => void }) {
  const [line, setLine] = useState<number | string>("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typeof line === "number") onLine(line);
  };
  return (
    <form onSubmit={submit}>
      <NumberInput
        size="xs"
        aria-label="Go to line"
        placeholder="Go to line"
        leftSection={<IconCornerDownRight size={14} aria-hidden />}
        min={1}
        allowDecimal={false}
        hideControls
        w={120}
        value={line}
        onChange={setLine}
      />
    </form>
  );
}
