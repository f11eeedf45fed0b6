import type { Comparison, Condition } from "@inlet/contracts";
import { conditionWords } from "@inlet/storyboard";
import {
  ActionIcon,
  Autocomplete,
  Button,
  Group,
  NativeSelect,
  SegmentedControl,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { asked, comparisonsOf, conditionOf, IS_WORDS } from "../state/comparisons.ts";
import { useEditor } from "../state/editor-context.ts";
import classes from "./condition-editor.module.css";
import { type Path, useField } from "./field.ts";

interface ConditionEditorProps {
  /** What happens where it holds: “This scene plays”. */
  what: string;
  /** What happens without a rule: “for everybody”. */
  otherwise: string;
  value: Condition | undefined;
  path: Path;
  /** It cannot be taken away. */
  needed?: boolean;
  onChange: (condition: Condition | undefined) => void;
}

const MOST_COMPARISONS = 20;

/** A rule over a row's values, as a sentence and as fields. */
export function ConditionEditor({ what, otherwise, value, path, needed = false, onChange }: ConditionEditorProps) {
  const { columns } = useEditor();
  const field = useField();
  const first: Comparison = { field: columns[0]?.name ?? "", is: "filled" };
  if (value === undefined) {
    return (
      <Group justify="space-between" wrap="nowrap" gap="xs" data-path={path.join(".")}>
        <Text fz="sm">
          {what} {otherwise}.
        </Text>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconPlus size={13} aria-hidden />}
          onClick={() => onChange({ all: [first] })}
        >
          Add a rule
        </Button>
      </Group>
    );
  }
  const kind = "all" in value ? "all" : "any";
  const comparisons = comparisonsOf(value);
  const set = (next: Comparison[]) =>
    onChange(next.length === 0 && !needed ? undefined : conditionOf(kind, next.length === 0 ? [first] : next));
  return (
    <Stack gap="xs">
      <Text fz="sm">
        {what} when <b>{conditionWords(value)}</b>.
      </Text>
      {comparisons.length > 1 && (
        <SegmentedControl
          size="xs"
          aria-label="How many of these must hold"
          data={[
            { value: "all", label: "All of these" },
            { value: "any", label: "Any of these" },
          ]}
          value={kind}
          onChange={(next) => onChange(conditionOf(next as "all" | "any", comparisons))}
        />
      )}
      <ul className={classes.list}>
        {comparisons.map((comparison, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a comparison has no name of its own
          <li key={at} className={classes.comparison}>
            <ComparisonFields
              comparison={comparison}
              number={at + 1}
              columns={columns.map(({ name }) => name)}
              fieldProps={field([...path, kind, at, "field"])}
              valueProps={field([...path, kind, at, "values" in comparison ? "values" : "value"], "also within")}
              onChange={(next) => set(comparisons.with(at, next))}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              mt={4}
              aria-label={`Remove rule ${at + 1}`}
              disabled={needed && comparisons.length === 1}
              onClick={() => set(comparisons.toSpliced(at, 1))}
            >
              <IconTrash size={14} aria-hidden />
            </ActionIcon>
          </li>
        ))}
      </ul>
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<IconPlus size={13} aria-hidden />}
        disabled={comparisons.length >= MOST_COMPARISONS}
        style={{ alignSelf: "flex-start" }}
        onClick={() => set([...comparisons, { ...first, field: comparisons.at(-1)?.field ?? first.field }])}
      >
        Add another
      </Button>
    </Stack>
  );
}

interface ComparisonFieldsProps {
  comparison: Comparison;
  number: number;
  columns: readonly string[];
  fieldProps: { error: string | undefined; "data-path": string };
  valueProps: { error: string | undefined; "data-path": string };
  onChange: (comparison: Comparison) => void;
}

function ComparisonFields({ comparison, number, columns, fieldProps, valueProps, onChange }: ComparisonFieldsProps) {
  const { field, is } = comparison;
  return (
    <div className={classes.fields}>
      <Autocomplete
        size="xs"
        aria-label={`Rule ${number}: column`}
        data={columns}
        value={field}
        {...fieldProps}
        onChange={(next) => onChange({ ...comparison, field: next })}
      />
      <NativeSelect
        size="xs"
        aria-label={`Rule ${number}: comparison`}
        data={Object.entries(IS_WORDS).map(([value, label]) => ({ value, label }))}
        value={is}
        onChange={(event) => onChange(asked(comparison, event.currentTarget.value as Comparison["is"]))}
      />
      {"value" in comparison && (
        <TextInput
          size="xs"
          className={classes.value}
          aria-label={`Rule ${number}: value`}
          maxLength={200}
          value={comparison.value}
          {...valueProps}
          onChange={(event) => onChange({ ...comparison, value: event.currentTarget.value })}
        />
      )}
      {"values" in comparison && (
        <TagsInput
          size="xs"
          className={classes.value}
          aria-label={`Rule ${number}: values`}
          placeholder="Enter after each"
          value={comparison.values}
          {...valueProps}
          onChange={(values) => onChange({ ...comparison, values })}
        />
      )}
    </div>
  );
}
