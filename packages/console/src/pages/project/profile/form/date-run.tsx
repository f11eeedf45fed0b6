import type { ProfileInput } from "@inlet/contracts";
import { MultiSelect, NumberInput, SimpleGrid } from "@mantine/core";
import { useProblems } from "../../../profile-parts/problems.ts";
import { withSetting } from "../../../profile-parts/setting.ts";
import { numberOf } from "./parts.ts";

type DateGroup = Extract<NonNullable<ProfileInput["run"]>, { group: "date" }>;

interface DateRunProps {
  run: DateGroup;
  tables: readonly string[];
  onChange: (run: DateGroup) => void;
}

/** Runs of the files of one date. */
export function DateRun({ run, tables, onChange }: DateRunProps) {
  const problemAt = useProblems();
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
      <MultiSelect
        label="Expected tables"
        description="Reported as soon as all of these have come."
        data={tables}
        value={(run.expect ?? []).filter((name) => tables.includes(name))}
        error={problemAt(["run", "expect"], "also within")}
        onChange={(expect) => onChange(withSetting(run, "expect", expect))}
      />
      <NumberInput
        label="Else reported after, seconds"
        description="Without another file of the date."
        min={1}
        max={86_400}
        allowDecimal={false}
        placeholder="300"
        value={run.settleSeconds ?? ""}
        error={problemAt(["run", "settleSeconds"])}
        onChange={(value) => onChange(withSetting(run, "settleSeconds", numberOf(value), 300))}
      />
      <NumberInput
        label="Alert after, minutes"
        description="When a run has not ended so long after its first file. Empty: no alert."
        min={1}
        max={44_640}
        allowDecimal={false}
        value={run.deadlineMinutes ?? ""}
        error={problemAt(["run", "deadlineMinutes"])}
        onChange={(value) => onChange(withSetting(run, "deadlineMinutes", numberOf(value)))}
      />
    </SimpleGrid>
  );
}
