import type { ProfileInput } from "@inlet/contracts";
import { Group, MultiSelect, NumberInput, Select, SimpleGrid, Stack } from "@mantine/core";
import { useProblems } from "../../../profile-parts/problems.ts";
import { withSetting } from "../../../profile-parts/setting.ts";
import { triggerOf, triggerText } from "../../../profile-parts/trigger.ts";
import { TriggerFields } from "../../../profile-parts/trigger-fields.tsx";
import { numberOf } from "./parts.ts";

type Schedule = Extract<NonNullable<ProfileInput["run"]>, { group: "schedule" }>;

interface ScheduleRunProps {
  run: Schedule;
  tables: readonly string[];
  onChange: (run: Schedule) => void;
}

const WINDOWS = [
  { value: "arrival", label: "all that have come since the last one" },
  { value: "date", label: "those with the day's date in their names" },
];
const MISSING = [
  { value: "continue", label: "go on without it" },
  { value: "fail", label: "import nothing of the run" },
];
const LATE = [
  { value: "reopen", label: "goes into its run, which is reported anew" },
  { value: "next", label: "waits for the next run" },
  { value: "reject", label: "is rejected" },
];
const ODD = [
  { value: "reject", label: "is rejected" },
  { value: "next", label: "waits for the next run" },
];

/** Runs at trigger times: which files each takes, which it expects, and what becomes of those that do not fit. */
export function ScheduleRun({ run, tables, onChange }: ScheduleRunProps) {
  const problemAt = useProblems();
  const set = <Key extends keyof Schedule>(key: Key, value: Schedule[Key], usual?: Schedule[Key]) =>
    onChange(withSetting(run, key, value, usual));
  const window = run.window ?? { by: "arrival" as const };
  const missing = run.missing ?? {};
  const setMissing = (changed: NonNullable<Schedule["missing"]>) =>
    set("missing", Object.keys(changed).length === 0 ? undefined : changed);
  const byDate = window.by === "date";
  return (
    <Stack gap="md">
      <Group align="flex-end">
        <TriggerFields
          arrival={false}
          trigger={triggerOf(run.at ?? "")}
          onChange={(trigger) => onChange({ ...run, at: triggerText(trigger) ?? "" })}
          timezone={run.timezone ?? "UTC"}
          onTimezone={(timezone) => set("timezone", timezone, "UTC")}
          error={problemAt(["run", "at"]) ?? problemAt(["run", "timezone"])}
        />
      </Group>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        <MultiSelect
          label="Expected tables"
          description="One of which no file came is reported as MISSING."
          data={tables}
          value={(run.expect ?? []).filter((name) => tables.includes(name))}
          error={problemAt(["run", "expect"], "also within")}
          onChange={(expect) => set("expect", expect)}
        />
        <NumberInput
          label="Wait for them, minutes"
          description="After the trigger. Then:"
          min={0}
          max={10_080}
          allowDecimal={false}
          placeholder="0"
          value={missing.waitMinutes ?? ""}
          error={problemAt(["run", "missing"], "also within")}
          onChange={(value) => setMissing(withSetting(missing, "waitMinutes", numberOf(value), 0))}
        />
        <Select
          label="When one is missing"
          description="After the wait."
          data={MISSING}
          value={missing.action ?? "continue"}
          allowDeselect={false}
          onChange={(value) =>
            setMissing(withSetting(missing, "action", value === "fail" ? "fail" : "continue", "continue"))
          }
        />
        <Select
          label="A trigger takes"
          description="Of the files that wait."
          data={WINDOWS}
          value={window.by}
          allowDeselect={false}
          error={problemAt(["run", "window"], "also within")}
          onChange={(by) => set("window", by === "date" ? { by } : undefined)}
        />
        {window.by === "date" && (
          <NumberInput
            label="And so many days before"
            description="Also files of these days' dates are taken."
            min={0}
            max={366}
            allowDecimal={false}
            placeholder="0"
            value={window.daysBefore ?? ""}
            onChange={(value) => set("window", withSetting(window, "daysBefore", numberOf(value), 0))}
          />
        )}
        <Select
          label="A file that comes late"
          description="After its run went on without it."
          data={LATE}
          value={run.late ?? null}
          placeholder={byDate ? "goes into its run, which is reported anew" : "waits for the next run"}
          clearable
          onChange={(value) => set("late", (value ?? undefined) as Schedule["late"])}
        />
        {byDate && (
          <>
            <Select
              label="A file of another date"
              description="That fits neither its trigger nor a late one."
              data={ODD}
              value={run.wrongDate ?? "reject"}
              allowDeselect={false}
              onChange={(value) => set("wrongDate", value === "next" ? "next" : "reject", "reject")}
            />
            <Select
              label="A day that was imported already"
              description="Another file of the same table and day."
              data={ODD}
              value={run.loadedAgain ?? "reject"}
              allowDeselect={false}
              onChange={(value) => set("loadedAgain", value === "next" ? "next" : "reject", "reject")}
            />
          </>
        )}
        <NumberInput
          label="Alert after, minutes"
          description="When a run has not ended so long after its trigger. Empty: no alert."
          min={1}
          max={44_640}
          allowDecimal={false}
          value={run.deadlineMinutes ?? ""}
          error={problemAt(["run", "deadlineMinutes"])}
          onChange={(value) => set("deadlineMinutes", numberOf(value))}
        />
      </SimpleGrid>
    </Stack>
  );
}
