import { Select, TextInput } from "@mantine/core";
import type { Trigger } from "./trigger.ts";

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

interface TriggerFieldsProps {
  trigger: Trigger;
  onChange: (trigger: Trigger) => void;
  timezone: string;
  onTimezone: (timezone: string) => void;
  /** Whether there may be no trigger at all. */
  arrival?: boolean;
  error?: string | undefined;
}

/** When files are worked on. The fields stand side by side in what is round them. */
export function TriggerFields({ trigger, onChange, timezone, onTimezone, arrival = true, error }: TriggerFieldsProps) {
  const change = (part: Partial<Trigger>) => onChange({ ...trigger, ...part });
  const { every } = trigger;
  return (
    <>
      <Select
        label="Trigger"
        data={EVERY.filter(({ value }) => arrival || value !== "arrival").map(({ value, label }) => ({ value, label }))}
        value={every}
        allowDeselect={false}
        error={every === "cron" ? undefined : error}
        onChange={(value) => change({ every: (value ?? "day") as Trigger["every"] })}
      />
      {every === "week" && (
        <Select
          label="On"
          data={WEEKDAYS.map((day) => ({ value: day, label: day.charAt(0).toUpperCase() + day.slice(1) }))}
          value={trigger.weekday}
          allowDeselect={false}
          onChange={(weekday) => change({ weekday: weekday ?? "monday" })}
        />
      )}
      {every === "month" && (
        <Select
          label="On day"
          data={MONTH_DAYS}
          value={trigger.monthDay}
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
          value={trigger.cron}
          error={error}
          onChange={(event) => change({ cron: event.currentTarget.value })}
        />
      )}
      {every !== "arrival" && every !== "cron" && (
        <TextInput
          label="At"
          type="time"
          required
          value={trigger.time}
          // A browser says "" while somebody is still typing the hour.
          onChange={(event) => event.currentTarget.value !== "" && change({ time: event.currentTarget.value })}
        />
      )}
      {every !== "arrival" && (
        <Select
          label="Time zone"
          data={ZONES.includes(timezone) ? ZONES : [timezone, ...ZONES]}
          value={timezone}
          allowDeselect={false}
          searchable
          limit={60}
          onChange={(zone) => onTimezone(zone ?? "UTC")}
        />
      )}
    </>
  );
}

/** Browsers leave UTC out of their list. */
const ZONES = [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone")])];
