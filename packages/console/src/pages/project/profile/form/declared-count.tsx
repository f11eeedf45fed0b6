import type { ProfileInput } from "@inlet/contracts";
import { Group, NumberInput, Select, TextInput } from "@mantine/core";
import { withSetting } from "../../../profile-parts/setting.ts";
import { numberOf } from "./parts.ts";

type Table = ProfileInput["tables"][number];
type Control = NonNullable<Table["controls"]>[number];

interface DeclaredCountProps {
  table: Table;
  error: string | undefined;
  onChange: (table: Table) => void;
}

const PLACES = [
  { value: "flag", label: "In its flag file" },
  { value: "name", label: "In its name" },
  { value: "declared", label: "With its upload (API, command line)" },
  { value: "trailer", label: "In its last line, a trailer" },
] as const;
type Place = (typeof PLACES)[number]["value"];

/** What each place looks like at first. */
const FIRST: Readonly<Record<Place, Control["from"]>> = {
  flag: { place: "flag" },
  name: { place: "name", pattern: "_(\\d+)\\." },
  declared: { place: "declared", name: "records" },
  trailer: { place: "trailer", cell: 2 },
};

/** Where a table's files say how many records they have. */
export function DeclaredCount({ table, error, onChange }: DeclaredCountProps) {
  const controls = table.controls ?? [];
  const index = controls.findIndex(({ total, required }) => total === "records" && required !== false);
  const from = controls[index]?.from;
  const setFrom = (changed: Control["from"] | undefined, format = table.format) => {
    const control: Control | undefined = changed && { ...controls[index], total: "records", from: changed };
    const others = controls.filter((_, place) => place !== index);
    const all = control === undefined ? others : index < 0 ? [...controls, control] : controls.with(index, control);
    onChange(withSetting(withSetting(table, "controls", all), "format", format));
  };
  const choose = (place: Place | null) => {
    if (place === null) setFrom(undefined);
    // A trailer's cell is of no use where no line is one.
    else
      setFrom(
        FIRST[place],
        place === "trailer" ? { ...table.format, trailer: table.format?.trailer ?? "T" } : table.format,
      );
  };
  return (
    <Group align="flex-start">
      <Select
        label={`A file of ${table.name} says how many records it has`}
        placeholder="Not said yet"
        data={PLACES}
        value={from?.place ?? null}
        error={error}
        onChange={(place) => choose(place)}
        clearable
        miw={300}
      />
      {from?.place === "name" && (
        <TextInput
          label="Pattern"
          description="The first brackets are the number."
          inputWrapperOrder={["label", "input", "description", "error"]}
          value={from.pattern ?? ""}
          onChange={(event) => setFrom({ ...from, pattern: event.currentTarget.value })}
          ff="monospace"
        />
      )}
      {from?.place === "trailer" && (
        <>
          <TextInput
            label="The line begins with"
            value={table.format?.trailer ?? ""}
            onChange={(event) =>
              onChange({ ...table, format: { ...table.format, trailer: event.currentTarget.value } })
            }
            w={160}
          />
          <NumberInput
            label="Number in cell"
            min={1}
            max={1000}
            allowDecimal={false}
            value={from.cell ?? ""}
            onChange={(cell) => setFrom({ ...from, cell: numberOf(cell) ?? 1 })}
            w={140}
          />
        </>
      )}
    </Group>
  );
}
