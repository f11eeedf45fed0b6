import type { ProfileInput } from "@inlet/contracts";
import { Code, Group, List, NumberInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { Section } from "../../../../parts/section.tsx";
import { useProblems } from "../../../profile-parts/problems.ts";
import { withSetting } from "../../../profile-parts/setting.ts";
import { triggerOf, triggerText } from "../../../profile-parts/trigger.ts";
import { TriggerFields } from "../../../profile-parts/trigger-fields.tsx";
import { connectorWord } from "../../../pulls/pull-words.tsx";
import { type FormSectionProps, numberOf } from "./parts.ts";

type PullSource = Extract<NonNullable<ProfileInput["source"]>, { kind: "pull" }>;

const WHEN = [
  { value: "asked", label: "When somebody asks" },
  { value: "minutes", label: "Every so many minutes" },
  { value: "at", label: "At times of day" },
];

/** The system that a project's rows are pulled from, and when; of projects whose files come in another way nothing is shown. */
export function SystemSection({ profile, onChange }: FormSectionProps) {
  const problemAt = useProblems();
  const { source } = profile;
  if (source?.kind !== "pull") return null;
  const { system, schedule, pulls } = source;
  const set = (changed: PullSource) => onChange({ ...profile, source: changed });
  const setSchedule = (changed: PullSource["schedule"]) => set(withSetting(source, "schedule", changed));
  const when = schedule === undefined ? "asked" : "at" in schedule ? "at" : "minutes";
  const choose = (chosen: string | null) => {
    if (chosen === when) return;
    if (chosen === "minutes") setSchedule({ everyMinutes: 15 });
    else if (chosen === "at")
      setSchedule({ at: "daily 06:00", timezone: Intl.DateTimeFormat().resolvedOptions().timeZone });
    else setSchedule(undefined);
  };
  return (
    <Section title="System" lead={`${connectorWord(system?.connector ?? "")}: rows are pulled from its API.`}>
      <Stack gap="md">
        <TextInput
          label="Address"
          value={system?.url ?? ""}
          error={problemAt(["source", "system", "url"])}
          onChange={(event) => set({ ...source, system: { ...system, url: event.currentTarget.value } })}
        />
        <Group align="flex-end">
          <Select
            label="Pulled"
            data={WHEN}
            value={when}
            allowDeselect={false}
            error={when === "asked" ? problemAt(["source", "schedule"]) : undefined}
            onChange={choose}
          />
          {schedule !== undefined && "everyMinutes" in schedule && (
            <NumberInput
              label="Minutes"
              min={1}
              max={44_640}
              allowDecimal={false}
              value={schedule.everyMinutes ?? ""}
              error={problemAt(["source", "schedule", "everyMinutes"])}
              onChange={(value) => setSchedule({ everyMinutes: numberOf(value) ?? 1 })}
              w={120}
            />
          )}
          {schedule !== undefined && "at" in schedule && (
            <TriggerFields
              arrival={false}
              trigger={triggerOf(schedule.at ?? "")}
              onChange={(trigger) => setSchedule({ ...schedule, at: triggerText(trigger) ?? "" })}
              timezone={schedule.timezone ?? "UTC"}
              onTimezone={(timezone) => setSchedule({ ...schedule, timezone })}
              error={problemAt(["source", "schedule", "at"]) ?? problemAt(["source", "schedule", "timezone"])}
            />
          )}
        </Group>
        <div>
          <Text fz="sm" fw={500} mb={4}>
            Tables
          </Text>
          <List size="sm">
            {pulls?.map(({ table, resource, incremental }) => (
              <List.Item key={`${table} ${resource}`}>
                {table}: <Code>{resource}</Code>
                {incremental === undefined ? ", all of it each time" : `, what has changed by ${incremental.by}`}
              </List.Item>
            ))}
          </List>
          <Text fz="sm" c="var(--quiet)" mt={4}>
            Which resources and fields are pulled, and how the system knows us, is in the YAML.
          </Text>
          {problemAt(["source", "pulls"], "also within") !== undefined && (
            <Text fz="sm" c="var(--bad)">
              {problemAt(["source", "pulls"], "also within")}
            </Text>
          )}
        </div>
      </Stack>
    </Section>
  );
}
