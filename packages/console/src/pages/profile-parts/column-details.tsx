import type { ProfileInput } from "@inlet/contracts";
import { Button, Checkbox, Group, NumberInput, Select, TagsInput, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconTrash } from "@tabler/icons-react";
import classes from "./columns-editor.module.css";
import { useProblems } from "./problems.ts";
import { withSetting } from "./setting.ts";

type ColumnInput = ProfileInput["tables"][number]["columns"][number];
type Type = NonNullable<ColumnInput["type"]>;

interface ColumnDetailsProps {
  column: ColumnInput;
  path: readonly (string | number)[];
  onChange: (column: ColumnInput) => void;
  onUp: (() => void) | undefined;
  onDown: (() => void) | undefined;
  onRemove: () => void;
}

const numberOf = (value: number | string) => (typeof value === "number" ? value : undefined);
const isOf = (type: Type, ...types: readonly Type[]) => types.includes(type);

/** All that a column may say; of its type's settings only those that mean something. */
export function ColumnDetails({ column, path, onChange, onUp, onDown, onRemove }: ColumnDetailsProps) {
  const problemAt = useProblems();
  const errorOf = (key: keyof ColumnInput) => problemAt([...path, key], "also within");
  const set = <Key extends keyof ColumnInput>(key: Key, value: ColumnInput[Key], usual?: ColumnInput[Key]) =>
    onChange(withSetting(column, key, value, usual));
  const text = (key: "header" | "format" | "timezone" | "pattern", usual?: string) => ({
    value: column[key] ?? "",
    error: errorOf(key),
    onChange: (event: { currentTarget: { value: string } }) => set(key, event.currentTarget.value, usual),
  });
  const figure = (key: "precision" | "scale" | "minLength" | "maxLength") => ({
    value: column[key] ?? "",
    min: 0,
    allowDecimal: false,
    error: errorOf(key),
    onChange: (value: number | string) => set(key, numberOf(value)),
  });
  const list = (key: "aliases" | "values" | "trueValues" | "falseValues") => ({
    value: column[key] ?? [],
    error: errorOf(key),
    onChange: (values: string[]) => set(key, values),
  });
  const type = column.type ?? "string";
  return (
    <div className={classes.details}>
      <TextInput
        label="Column"
        description="Its name in the database."
        required
        maxLength={63}
        value={column.name}
        error={errorOf("name")}
        onChange={(event) => onChange({ ...column, name: event.currentTarget.value })}
      />
      <TextInput
        label="In the file"
        description="Its label. Empty: as the column."
        placeholder={column.name}
        {...text("header")}
      />
      <TagsInput label="Other labels" description="That mean this column, too." {...list("aliases")} />
      {isOf(type, "date", "timestamp") && (
        <TextInput
          label="Written as"
          description="dd.MM.yyyy, yyyy-MM-dd HH:mm:ss … Empty: ISO 8601."
          placeholder={type === "date" ? "yyyy-MM-dd" : "yyyy-MM-dd'T'HH:mm:ss"}
          {...text("format")}
        />
      )}
      {type === "timestamp" && (
        <TextInput
          label="Time zone"
          description="Where the text names none."
          placeholder="UTC"
          {...text("timezone", "UTC")}
        />
      )}
      {isOf(type, "integer", "decimal") && (
        <Select
          label="Fractions begin with"
          data={[
            { value: ".", label: "a point: 1,234.50" },
            { value: ",", label: "a comma: 1.234,50" },
          ]}
          value={column.decimalSeparator ?? "."}
          allowDeselect={false}
          onChange={(value) => set("decimalSeparator", value === "," ? "," : ".", ".")}
        />
      )}
      {type === "decimal" && (
        <>
          <NumberInput label="Digits in all" description="Empty: any number." {...figure("precision")} />
          <NumberInput label="Of them after the point" {...figure("scale")} />
        </>
      )}
      {type === "boolean" && (
        <>
          <TagsInput label="Means yes" placeholder="true, t, yes, y, 1" {...list("trueValues")} />
          <TagsInput label="Means no" placeholder="false, f, no, n, 0" {...list("falseValues")} />
        </>
      )}
      {(type === "enum" || column.values !== undefined) && (
        <TagsInput label="One of" description="Enter after each." required={type === "enum"} {...list("values")} />
      )}
      {isOf(type, "string", "email", "url") && (
        <>
          <TextInput
            label="Pattern"
            description="A regular expression (RE2) that the whole cell is."
            placeholder="C-[0-9]{5}"
            ff="monospace"
            {...text("pattern")}
          />
          <NumberInput label="At least, characters" {...figure("minLength")} />
          <NumberInput label="At most, characters" {...figure("maxLength")} />
        </>
      )}
      {isOf(type, "integer", "decimal", "date", "timestamp") && (
        <>
          <Bound label="At least" column={column} bound="min" error={errorOf("min")} onChange={onChange} />
          <Bound label="At most" column={column} bound="max" error={errorOf("max")} onChange={onChange} />
        </>
      )}
      <Checkbox
        hiddenFrom="sm"
        label="Must be filled"
        checked={column.required ?? false}
        onChange={(event) => onChange(withRequired(column, event.currentTarget.checked))}
      />
      <Checkbox
        hiddenFrom="sm"
        label="Unique"
        checked={column.unique ?? false}
        onChange={(event) => set("unique", event.currentTarget.checked, false)}
      />
      <Checkbox
        mt={{ sm: 24 }}
        label="May be missing"
        description="A file without this column is taken."
        checked={column.optional ?? false}
        error={errorOf("optional")}
        disabled={column.required ?? false}
        onChange={(event) => set("optional", event.currentTarget.checked, false)}
      />
      <Select
        label="A value that breaks these"
        data={[
          { value: "error", label: "is an error" },
          { value: "warning", label: "is reported, and kept" },
        ]}
        value={column.severity ?? "error"}
        allowDeselect={false}
        onChange={(value) => set("severity", value === "warning" ? "warning" : "error", "error")}
      />
      <Group className={classes.acts} gap="xs">
        <Button
          size="xs"
          variant="subtle"
          disabled={!onUp}
          onClick={onUp}
          leftSection={<IconArrowUp size={14} aria-hidden />}
        >
          Up
        </Button>
        <Button
          size="xs"
          variant="subtle"
          disabled={!onDown}
          onClick={onDown}
          leftSection={<IconArrowDown size={14} aria-hidden />}
        >
          Down
        </Button>
        <Button
          size="xs"
          variant="subtle"
          color="red"
          onClick={onRemove}
          leftSection={<IconTrash size={14} aria-hidden />}
        >
          Remove the column
        </Button>
      </Group>
    </div>
  );
}

/** A column that must be filled, or need not be: then it may be missing, too. It is never both. */
export function withRequired(column: ColumnInput, required: boolean): ColumnInput {
  const changed = withSetting(column, "required", required, false);
  return required ? withSetting(changed, "optional", undefined) : changed;
}

interface BoundProps {
  label: string;
  column: ColumnInput;
  bound: "min" | "max";
  error: string | undefined;
  onChange: (column: ColumnInput) => void;
}

/** The least or greatest value. Numbers that fit are written as numbers; longer ones, and days, as text. */
function Bound({ label, column, bound, error, onChange }: BoundProps) {
  const isNumber = column.type === "integer" || column.type === "decimal";
  const saidBy = (text: string) => (isNumber && text !== "" && String(Number(text)) === text ? Number(text) : text);
  return (
    <TextInput
      label={label}
      placeholder={column.type === "date" ? "2026-01-31" : undefined}
      value={String(column[bound] ?? "")}
      error={error}
      onChange={(event) => onChange(withSetting(column, bound, saidBy(event.currentTarget.value)))}
    />
  );
}
