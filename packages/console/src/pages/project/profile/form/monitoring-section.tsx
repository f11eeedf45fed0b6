import type { ProfileInput } from "@inlet/contracts";
import { Stack, Switch, TagsInput } from "@mantine/core";
import { useRef } from "react";
import { Section } from "../../../../parts/section.tsx";
import { useProblems } from "../../../profile-parts/problems.ts";
import { withSetting } from "../../../profile-parts/setting.ts";
import { DeclaredCount } from "./declared-count.tsx";
import type { FormSectionProps } from "./parts.ts";

type Monitoring = NonNullable<ProfileInput["monitoring"]>;

/** Import monitoring: all that was expected is imported, or nothing; and who is told when it was nothing. */
export function MonitoringSection({ profile, onChange }: FormSectionProps) {
  const problemAt = useProblems();
  const { monitoring } = profile;
  const isPull = profile.source?.kind === "pull";
  // Where a profile says nothing of it, pulls are monitored and files are not.
  const isOn = monitoring === undefined ? isPull : (monitoring.enabled ?? true);
  // Switched off and on again, nobody is forgotten.
  const before = useRef<Monitoring>({});
  if (monitoring !== undefined && isOn) before.current = monitoring;
  const set = (changed: Monitoring | undefined) => onChange(withSetting(profile, "monitoring", changed));
  const turn = (on: boolean) => {
    const { enabled: _, ...kept } = before.current;
    if (on) set(isPull && Object.keys(kept).length === 0 ? undefined : kept);
    else set(isPull ? { ...kept, enabled: false } : undefined);
  };
  return (
    <Section title="Import monitoring">
      <Stack gap="md">
        <Switch
          label="All that is expected is imported, or nothing is"
          description={
            isPull
              ? "The system is asked how many items it has. If another number comes, the import stops, everything of it is deleted, and the tables stay as they are. Off: only access is verified, and what comes is imported."
              : "Each file says how many records it has. If another number comes, nothing of it is imported, and people are told."
          }
          checked={isOn}
          error={problemAt(["monitoring"])}
          onChange={(event) => turn(event.currentTarget.checked)}
        />
        {isOn && (
          <>
            <TagsInput
              label="Who is told when an import was stopped"
              description="Besides those who are told of the project's runs. Enter after each address."
              placeholder="erp@example.com"
              value={monitoring?.recipients ?? []}
              error={problemAt(["monitoring", "recipients"], "also within")}
              splitChars={[",", ";", " "]}
              clearable
              onChange={(recipients) => set(withSetting(monitoring ?? {}, "recipients", recipients))}
            />
            {!isPull &&
              profile.tables.map((table, index) => (
                <DeclaredCount
                  // biome-ignore lint/suspicious/noArrayIndexKey: names may repeat while somebody types
                  key={index}
                  table={table}
                  error={
                    problemAt(["tables", index, "controls"], "also within") ?? problemAt(["tables", index, "invalid"])
                  }
                  onChange={(changed) => onChange({ ...profile, tables: profile.tables.with(index, changed) })}
                />
              ))}
          </>
        )}
      </Stack>
    </Section>
  );
}
