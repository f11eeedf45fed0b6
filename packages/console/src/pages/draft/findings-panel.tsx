import type { Draft, DraftCheck, DraftTotal } from "@inlet/contracts";
import { figure } from "@inlet/contracts/figures";
import { Button, Code, Group, Text, UnstyledButton } from "@mantine/core";
import { IconWand } from "@tabler/icons-react";
import { api } from "../../api/client.ts";
import { codeText } from "../../parts/code-text.ts";
import { Mark } from "../../parts/mark.tsx";
import { Section } from "../../parts/section.tsx";
import { Failure } from "../../parts/states.tsx";
import { useDraftChange } from "./draft-query.ts";
import classes from "./findings-panel.module.css";
import { ALL_ROWS, type RowFilter } from "./row-filter.ts";

interface FindingsPanelProps {
  draft: Draft;
  check: DraftCheck;
  filter: RowFilter;
  onFilter: (filter: RowFilter) => void;
}

/** All kinds of findings: how many, an example, the rows that have them, and the fix for all of them. */
export function FindingsPanel({ draft, check, filter, onFilter }: FindingsPanelProps) {
  const { byCode, errors, warnings, kept } = check.findings;
  return (
    <Section
      title={`${figure(errors)} ${errors === 1 ? "error" : "errors"}${warnings > 0 ? `, ${figure(warnings)} ${warnings === 1 ? "warning" : "warnings"}` : ""}`}
      lead="Exact, of the whole file."
    >
      <ul className={classes.kinds}>
        {byCode.map((total) => (
          <Kind
            key={`${total.code} ${total.severity}`}
            draft={draft}
            total={total}
            isShown={filter.finding === total.code}
            onShow={() => onFilter(filter.finding === total.code ? ALL_ROWS : { finding: total.code })}
          />
        ))}
      </ul>
      {kept < errors + warnings && (
        <Text fz="sm" c="var(--quiet)" mt="md">
          The first {figure(kept)} are shown at their rows; the error file holds all.
        </Text>
      )}
    </Section>
  );
}

interface KindProps {
  draft: Draft;
  total: DraftTotal;
  isShown: boolean;
  onShow: () => void;
}

function Kind({ draft, total, isShown, onShow }: KindProps) {
  const fix = useDraftChange(draft.id, () => api.fixDraft(draft.id, { code: total.code }));
  return (
    <li className={classes.kind} data-shown={isShown || undefined}>
      <UnstyledButton className={classes.show} onClick={onShow} aria-pressed={isShown}>
        <Mark tone={total.severity === "error" ? "bad" : "warning"} compact>
          {total.severity}
        </Mark>
        <span className={classes.name}>{codeText(total.code)}</span>
        <span className={classes.count}>{figure(total.count)}</span>
      </UnstyledButton>
      <Text fz="sm" c="var(--quiet)">
        {total.message}
      </Text>
      {total.fixable > 0 && draft.editable && (
        <Group gap="xs" mt={6}>
          <Button
            size="compact-sm"
            variant="light"
            leftSection={<IconWand size={14} aria-hidden />}
            loading={fix.isPending}
            onClick={() => fix.mutate(undefined)}
          >
            {total.fixable === 1 ? "Apply the fix" : `Fix all ${figure(total.fixable)}`}
          </Button>
          {total.value !== null && total.fix !== null && (
            <Text fz="xs" c="var(--quiet)">
              <Code>{total.value}</Code> → <Code>{total.fix}</Code>
            </Text>
          )}
        </Group>
      )}
      {fix.isError && <Failure error={fix.error} />}
    </li>
  );
}
