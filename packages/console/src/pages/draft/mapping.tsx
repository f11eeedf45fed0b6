import type { Draft, DraftCheck, DraftColumn, DraftMappingBody } from "@inlet/contracts";
import { Checkbox, Code, Group, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { Mark } from "../../parts/mark.tsx";
import { Section } from "../../parts/section.tsx";
import { Failure } from "../../parts/states.tsx";
import { confidenceText, needsLook } from "./confidence.ts";
import { useDraftChange } from "./draft-query.ts";
import classes from "./mapping.module.css";

/** So many columns are shown at once; files with thousands have the rest behind a button. */
const SHOWN = 60;
const IGNORED = "–";

/** How each label of the file was understood: column by column, to be corrected by hand. */
export function Mapping({ draft, check }: { draft: Draft; check: DraftCheck }) {
  const toLook = check.columns.filter((column) => needsLook(column, check)).length + check.missing.length;
  const [opened, setOpened] = useState<boolean>();
  const [all, setAll] = useState(false);
  const change = useDraftChange(draft.id, async ({ columns = draft.mapping, ...rest }: Partial<DraftMappingBody>) => ({
    draft: await api.draftMapping(draft.id, { columns, remember: draft.remember, ...rest }),
  }));
  // What was chosen by hand stays in sight, with the question whether it is to be remembered.
  const isOpen = opened ?? (toLook > 0 || draft.mapping.length > 0);
  const shown = all ? check.columns : check.columns.slice(0, SHOWN);
  const choose = (index: number, column: string | null) =>
    change.mutate({
      columns: [
        ...draft.mapping.filter((each) => each.index !== index && (column === null || each.column !== column)),
        { index, column },
      ],
    });
  const mapped = check.columns.filter(({ column }) => column !== null).length;
  return (
    <Section
      title="Columns"
      lead={`${mapped} of ${check.columns.length} columns of the file are understood${check.missing.length > 0 ? `; ${check.missing.join(", ")} missing` : ""}.`}
      actions={
        <button type="button" className={classes.toggle} aria-expanded={isOpen} onClick={() => setOpened(!isOpen)}>
          {isOpen ? "Hide" : "Show"}
        </button>
      }
    >
      {isOpen && (
        <Stack gap="md">
          <ul className={classes.columns}>
            {shown.map((column) => (
              <MappedColumn
                key={column.index}
                column={column}
                check={check}
                onChoose={choose}
                busy={change.isPending}
              />
            ))}
          </ul>
          {check.columns.length > shown.length && (
            <button type="button" className={classes.toggle} onClick={() => setAll(true)}>
              Show all {check.columns.length} columns
            </button>
          )}
          {draft.mapping.length > 0 && !draft.trial && (
            <Checkbox
              label="Remember these choices: next time these labels are understood by themselves"
              // At once, without waiting for the answer, and never disabled: the focus would be lost.
              checked={change.isPending ? (change.variables.remember ?? draft.remember) : draft.remember}
              onChange={(event) => change.isPending || change.mutate({ remember: event.currentTarget.checked })}
            />
          )}
          {change.isError && <Failure error={change.error} />}
        </Stack>
      )}
    </Section>
  );
}

interface MappedColumnProps {
  column: DraftColumn;
  check: DraftCheck;
  busy: boolean;
  onChoose: (index: number, column: string | null) => void;
}

function MappedColumn({ column, check, busy, onChoose }: MappedColumnProps) {
  const looksWrong = needsLook(column, check);
  return (
    <li className={classes.column} data-look={looksWrong || undefined}>
      <Group gap={6} wrap="nowrap" justify="space-between">
        <Code className={classes.label ?? ""} title={column.label}>
          {column.label === "" ? "(no label)" : column.label}
        </Code>
        <Text fz="xs" c="var(--quiet)" style={{ whiteSpace: "nowrap" }}>
          {confidenceText(column)}
        </Text>
      </Group>
      <Select
        aria-label={`What ${column.label || `column ${column.index + 1}`} means`}
        size="xs"
        data={[
          { value: IGNORED, label: "Not imported" },
          ...check.targets.map(({ column: name, type, needed }) => ({
            value: name,
            label: `${name} (${type}${needed ? ", needed" : ""})`,
          })),
        ]}
        value={column.column ?? IGNORED}
        readOnly={busy}
        allowDeselect={false}
        searchable={check.targets.length > 10}
        onChange={(value) => onChoose(column.index, value === IGNORED || value === null ? null : value)}
      />
      {looksWrong && <Mark tone="warning">{column.column === null ? "Not imported" : "Please check"}</Mark>}
    </li>
  );
}
