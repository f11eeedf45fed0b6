import type { ProfileInput } from "@inlet/contracts";
import { NumberInput, Stack, Switch } from "@mantine/core";
import { useRef } from "react";
import { Section } from "../../../../parts/section.tsx";
import { useProblems } from "../../../profile-parts/problems.ts";
import { withSetting } from "../../../profile-parts/setting.ts";
import { type FormSectionProps, numberOf } from "./parts.ts";

type Retention = NonNullable<ProfileInput["retention"]>;

const DAYS = 400;

/** How long the files of a batch are kept. */
export function RetentionSection({ profile, onChange }: FormSectionProps) {
  const problemAt = useProblems();
  const { retention, links } = profile;
  // As long as links live, at least: what is proposed is never refused.
  const proposed = Math.max(DAYS, links?.expiresAfterDays ?? 0);
  const before = useRef<Retention>({ batchDays: proposed });
  if (retention !== undefined) before.current = retention;
  return (
    <Section title="How long files are kept">
      <Stack gap="md">
        <Switch
          label="Files are deleted after a time"
          description="The stored files of each batch, and with them its links, findings' values and videos. What was counted stays, and so do the rows in the tables. It counts for files that are there already, too."
          checked={retention !== undefined}
          error={problemAt(["retention"])}
          onChange={(event) =>
            onChange(withSetting(profile, "retention", event.currentTarget.checked ? before.current : undefined))
          }
        />
        {retention !== undefined && (
          <NumberInput
            label="Days after the end of its batch"
            description="Not less than links work."
            min={1}
            max={3650}
            allowDecimal={false}
            maw={320}
            value={retention.batchDays}
            error={problemAt(["retention", "batchDays"])}
            onChange={(value) => {
              const batchDays = numberOf(value);
              if (batchDays !== undefined) onChange({ ...profile, retention: { batchDays } });
            }}
          />
        )}
      </Stack>
    </Section>
  );
}
