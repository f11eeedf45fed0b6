import type { ProfileInput } from "@inlet/contracts";
import { NumberInput, Select } from "@mantine/core";
import { withSetting } from "./setting.ts";
import { POLICIES } from "./table-words.ts";

type Invalid = NonNullable<ProfileInput["tables"][number]["invalid"]>;
type LeftOut = Exclude<Invalid, { policy: "reject" }>;

interface InvalidRowsProps {
  /** Undefined: a file with one wrong row is stopped. */
  invalid: Invalid | undefined;
  columns: readonly string[];
  error: string | undefined;
  onChange: (invalid: Invalid | undefined) => void;
}

/** What is done with a file in which some rows are wrong, and from when on there are too many of them. */
export function InvalidRows({ invalid, columns, error, onChange }: InvalidRowsProps) {
  const policy = invalid?.policy ?? "reject";
  const choose = (value: string | null) => {
    if (value === "reject" || value === null) return onChange(undefined);
    const { maxRows, maxPercent } = (invalid ?? {}) as Partial<LeftOut>;
    const limits = { ...(maxRows !== undefined && { maxRows }), ...(maxPercent !== undefined && { maxPercent }) };
    onChange(value === "group" ? { policy: "group", by: columns[0] ?? "", ...limits } : { policy: "skip", ...limits });
  };
  return (
    <>
      <Select
        label="Rows with errors"
        description={POLICIES.find(({ value }) => value === policy)?.description}
        data={POLICIES.map(({ value, label }) => ({ value, label }))}
        value={policy}
        allowDeselect={false}
        error={error}
        onChange={choose}
      />
      {invalid?.policy === "group" && (
        <Select
          label="Rows belong together by"
          description="The column that is the same in all of them, such as the order's number."
          data={columns}
          value={columns.includes(invalid.by) ? invalid.by : null}
          allowDeselect={false}
          required
          onChange={(by) => onChange({ ...invalid, by: by ?? "" })}
        />
      )}
      {invalid !== undefined && invalid.policy !== "reject" && (
        <>
          <NumberInput
            label="At most, rows"
            description="With more the file is stopped. Empty: any number."
            min={1}
            allowDecimal={false}
            value={invalid.maxRows ?? ""}
            onChange={(value) => onChange(withSetting<LeftOut, "maxRows">(invalid, "maxRows", numberOf(value)))}
          />
          <NumberInput
            label="At most, percent of the rows"
            description="With more the file is stopped. Empty: any share."
            min={0.01}
            max={100}
            suffix=" %"
            value={invalid.maxPercent ?? ""}
            onChange={(value) => onChange(withSetting<LeftOut, "maxPercent">(invalid, "maxPercent", numberOf(value)))}
          />
        </>
      )}
    </>
  );
}

const numberOf = (value: number | string) => (typeof value === "number" ? value : undefined);
