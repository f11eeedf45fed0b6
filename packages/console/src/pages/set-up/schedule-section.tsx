import { Checkbox, Group, Stack } from "@mantine/core";
import { Section } from "../../parts/section.tsx";
import { TriggerFields } from "../profile-parts/trigger-fields.tsx";
import type { PlannedSchedule } from "./plan.ts";

interface ScheduleSectionProps {
  schedule: PlannedSchedule;
  onChange: (schedule: PlannedSchedule) => void;
}

/** When the files are worked on. */
export function ScheduleSection({ schedule, onChange }: ScheduleSectionProps) {
  const change = (part: Partial<PlannedSchedule>) => onChange({ ...schedule, ...part });
  return (
    <Section title="3. When">
      <Stack gap="md">
        <Group align="flex-end">
          <TriggerFields
            trigger={schedule}
            onChange={change}
            timezone={schedule.timezone}
            onTimezone={(timezone) => change({ timezone })}
          />
        </Group>
        {schedule.every !== "arrival" && (
          <Checkbox
            label="Every table is expected each time"
            description="A table of which no file came is named in the e-mail as MISSING."
            checked={schedule.expectAll}
            onChange={(event) => change({ expectAll: event.currentTarget.checked })}
          />
        )}
      </Stack>
    </Section>
  );
}
