import { ActionIcon, Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useProblems } from "../../../profile-parts/problems.ts";

interface LinkField {
  column: string;
  label: string;
}

interface LinkFieldsProps {
  fields: readonly LinkField[];
  columns: readonly string[];
  onChange: (fields: LinkField[]) => void;
}

/** The columns that a link's page lists, with what they are called there. */
export function LinkFields({ fields, columns, onChange }: LinkFieldsProps) {
  const problemAt = useProblems();
  const at = (index: number) => ["links", "page", "fields", index];
  return (
    <Stack gap="xs" role="group" aria-label="Columns that the page lists">
      <Text fz="sm" fw={500}>
        Columns that the page lists
      </Text>
      {fields.map((field, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a field has no name of its own
        <Group key={index} gap="xs" wrap="nowrap" align="flex-start">
          <Select
            aria-label={`Column ${index + 1}`}
            data={columns.includes(field.column) ? columns : [...columns, field.column]}
            value={field.column}
            allowDeselect={false}
            searchable
            error={problemAt([...at(index), "column"])}
            onChange={(column) => onChange(fields.with(index, { ...field, column: column ?? field.column }))}
            flex={1}
          />
          <TextInput
            aria-label={`What column ${index + 1} is called`}
            value={field.label}
            maxLength={100}
            error={problemAt([...at(index), "label"])}
            onChange={(event) => onChange(fields.with(index, { ...field, label: event.currentTarget.value }))}
            flex={1}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            mt={4}
            aria-label={`Remove ${field.label}`}
            onClick={() => onChange(fields.toSpliced(index, 1))}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      <Button
        size="xs"
        variant="default"
        leftSection={<IconPlus size={14} aria-hidden />}
        disabled={columns.length === 0}
        style={{ alignSelf: "flex-start" }}
        onClick={() => {
          const column = columns.find((name) => fields.every((field) => field.column !== name)) ?? columns[0]!;
          onChange([...fields, { column, label: column }]);
        }}
      >
        Add a column
      </Button>
    </Stack>
  );
}
