import type { ProfileInput } from "@inlet/contracts";
import { Select, Stack } from "@mantine/core";
import { Section } from "../../../../parts/section.tsx";
import { useProblems } from "../../../profile-parts/problems.ts";
import { withSetting } from "../../../profile-parts/setting.ts";
import { DateRun } from "./date-run.tsx";
import type { FormSectionProps } from "./parts.ts";
import { ScheduleRun } from "./schedule-run.tsx";

type Run = NonNullable<ProfileInput["run"]>;

const GROUPS = [
  { value: "file", label: "As files come, each by itself", description: "Every file is worked on and reported alone." },
  {
    value: "date",
    label: "As files come, reported by date",
    description: "Files with the same date in their names are reported together.",
  },
  {
    value: "schedule",
    label: "At trigger times",
    description: "Files wait for the trigger, and what has come is worked on and reported together.",
  },
] as const;

/** When files are worked on, and which are reported together. */
export function RunSection({ profile, onChange }: FormSectionProps) {
  const problemAt = useProblems();
  const run = profile.run ?? { group: "file" as const };
  const tables = [...new Set(profile.tables.map(({ name }) => name))];
  const set = (changed: Run) => onChange(withSetting(profile, "run", changed.group === "file" ? undefined : changed));
  const choose = (group: string | null) => {
    if (group === run.group) return;
    const expect = "expect" in run && run.expect !== undefined ? { expect: run.expect } : {};
    const deadline =
      "deadlineMinutes" in run && run.deadlineMinutes !== undefined ? { deadlineMinutes: run.deadlineMinutes } : {};
    if (group === "date") set({ group, ...expect, ...deadline });
    else if (group === "schedule")
      set({
        group,
        at: "daily 09:00",
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        ...expect,
        ...deadline,
      });
    else set({ group: "file" });
  };
  return (
    <Section title="When files are worked on">
      <Stack gap="md">
        <Select
          label="Files are worked on"
          description={GROUPS.find(({ value }) => value === run.group)?.description}
          data={GROUPS.map(({ value, label }) => ({ value, label }))}
          value={run.group}
          allowDeselect={false}
          error={problemAt(["run"]) ?? problemAt(["run", "group"])}
          onChange={choose}
          maw={420}
        />
        {run.group === "date" && <DateRun run={run} tables={tables} onChange={set} />}
        {run.group === "schedule" && <ScheduleRun run={run} tables={tables} onChange={set} />}
      </Stack>
    </Section>
  );
}
