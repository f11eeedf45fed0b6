import { PLACEHOLDER_FORMATS, type PlaceholderFormat } from "@inlet/contracts";
import { Button, Group, Popover, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconBraces } from "@tabler/icons-react";
import { useState } from "react";
import { useEditor } from "../state/editor-context.ts";

/** What each format makes of a value. */
const FORMAT_WORDS: Readonly<Record<PlaceholderFormat, string>> = {
  date: "Date: 1 December 2026",
  day: "Day and month: 1 December",
  weekday: "Weekday: Tuesday",
  number: "Number: 1,234.50",
  upper: "CAPITALS",
  title: "First Letters Capital",
  first: "First word only",
};

/** What suits a column of a type. */
const FORMATS_OF: Readonly<Record<string, readonly PlaceholderFormat[]>> = {
  date: ["date", "day", "weekday"],
  timestamp: ["date", "day", "weekday"],
  integer: ["number"],
  decimal: ["number"],
};

/** The button that puts a recipient's value into a text. */
export function InsertValue({ label, onInsert }: { label: string; onInsert: (placeholder: string) => void }) {
  const { columns, storyboard, isReadOnly } = useEditor();
  const [opened, setOpened] = useState(false);
  const [column, setColumn] = useState<string | null>(null);
  const [format, setFormat] = useState<string | null>(null);
  const [fallback, setFallback] = useState("");
  const type = columns.find(({ name }) => name === column)?.type ?? "";
  const suiting = FORMATS_OF[type] ?? [];
  const formats = [...suiting, ...PLACEHOLDER_FORMATS.filter((each) => !suiting.includes(each))];
  const usual = column === null ? undefined : storyboard.fallbacks[column];
  const close = () => {
    setOpened(false);
    setColumn(null);
    setFormat(null);
    setFallback("");
  };
  const insert = () => {
    if (column === null) return;
    const words = fallback.trim().replaceAll(/[{}|]/g, "");
    onInsert(`{{${column}${format === null ? "" : `:${format}`}${words === "" ? "" : `|${words}`}}}`);
    close();
  };
  return (
    <Popover opened={opened} onChange={(next) => (next ? setOpened(true) : close())} width={290} withinPortal trapFocus>
      <Popover.Target>
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconBraces size={13} aria-hidden />}
          aria-label={`Insert a value into: ${label}`}
          disabled={isReadOnly}
          onClick={() => (opened ? close() : setOpened(true))}
        >
          Insert a value
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <Select
            label="Column"
            size="xs"
            data-autofocus
            searchable
            placeholder={columns.length === 0 ? "The project has no table yet" : "Which value"}
            nothingFoundMessage="No such column"
            comboboxProps={{ withinPortal: false }}
            data={columns.map(({ name }) => name)}
            value={column}
            onChange={(next) => {
              setColumn(next);
              setFormat(null);
            }}
          />
          <Select
            label="Written as"
            size="xs"
            placeholder="It is in the file"
            clearable
            clearButtonProps={{ "aria-label": "As it is in the file" }}
            comboboxProps={{ withinPortal: false }}
            data={formats.map((value) => ({ value, label: FORMAT_WORDS[value] }))}
            value={format}
            onChange={setFormat}
          />
          <TextInput
            label="Where the cell is empty"
            size="xs"
            maxLength={100}
            placeholder={usual ?? "Nothing"}
            value={fallback}
            onChange={(event) => setFallback(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter") insert();
            }}
          />
          <Group justify="space-between" wrap="nowrap">
            <Text fz="xs" c="var(--quiet)">
              {usual !== undefined && `“${usual}” stands in everywhere else.`}
            </Text>
            <Button size="xs" disabled={column === null} onClick={insert}>
              Insert
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
