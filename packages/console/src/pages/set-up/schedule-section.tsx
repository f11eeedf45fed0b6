import { Checkbox, Group, Select, Stack, TextInput } from "@mantine/core";
import { Section } from "../../parts/section.tsx";
import type { PlannedSchedule } from "./plan.ts";

const EVERY = [
  { value: "arrival", label: "As files come" },
  { value: "day", label: "Daily" },
  { value: "weekday", label: "On weekdays" },
  { value: "week", label: "Weekly" },
  { value: "month", label: "Monthly" },
  { value: "cron", label: "By a cron expression" },
] as const;

const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const MONTH_DAYS = [...Array.from({ length: 31 }, (_, day) => String(day + 1)), "last"];

interface ScheduleSectionProps {
  schedule: PlannedSchedule;
  onChange: (schedule: PlannedSchedule) => void;
}

/** When the files are worked on. */
export function ScheduleSection({ schedule, onChange }: ScheduleSectionProps) {
  const change = (part: Partial<PlannedSchedule>) => onChange({ ...schedule, ...part });
  const { every } = schedule;
  return (
    <Section title="3. When">
      <Stack gap="md">
        <Group align="flex-end">
          <Select
            label="Trigger"
            data={EVERY.map(({ value, label }) => ({ value, label }))}
            value={every}
            allowDeselect={false}
            onChange={(value) => change({ every: (value ?? "arrival") as PlannedSchedule["every"] })}
          />
          {every === "week" && (
            <Select
              label="On"
              data={WEEKDAYS.map((day) => ({ value: day, label: day.charAt(0).toUpperCase() + day.slice(1) }))}
              value={schedule.weekday}
              allowDeselect={false}
              onChange={(weekday) => change({ weekday: weekday ?? "monday" })}
            />
          )}
          {every === "month" && (
            <Select
              label="On day"
              data={MONTH_DAYS}
              value={schedule.monthDay}
              allowDeselect={false}
              onChange={(monthDay) => change({ monthDay: monthDay ?? "1" })}
              w={110}
            />
          )}
          {every === "cron" && (
            <TextInput
              label="Cron expression"
              placeholder="0 9 * * 1-5"
              required
              value={schedule.cron}
              onChange={(event) => change({ cron: event.currentTarget.value })}
            />
          )}
          {every !== "arrival" && every !== "cron" && (
            <TextInput
              label="At"
              type="time"
              required
              value={schedule.time}
              onChange={(event) => change({ time: event.currentTarget.value })}
            />
          )}
          {every !== "arrival" && (
            <Select
              label="Time zone"
              data={Intl.supportedValuesOf("timeZone")}
              value={schedule.timezone}
              allowDeselect={false}
              searchable
              limit={60}
              onChange={(timezone) => change({ timezone: timezone ?? "UTC" })}
            />
          )}
        </Group>
        {every !== "arrival" && (
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
