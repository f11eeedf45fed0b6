import type { ProfileInput } from "@inlet/contracts";
import { Stack, Switch, TagsInput, Text, TextInput } from "@mantine/core";
import { useRef } from "react";
import { Section } from "../../../../parts/section.tsx";
import { useProblems } from "../../../profile-parts/problems.ts";
import { withSetting } from "../../../profile-parts/setting.ts";
import type { FormSectionProps } from "./parts.ts";

type Email = NonNullable<ProfileInput["email"]>;

/** Files that come by e-mail. */
export function EmailSection({ profile, onChange }: FormSectionProps) {
  const problemAt = useProblems();
  const { email } = profile;
  // Switched off and on again, nothing is lost.
  const before = useRef<Email>({ senders: [] });
  if (email !== undefined) before.current = email;
  const set = (changed: Email) => onChange({ ...profile, email: changed });
  return (
    <Section title="Files by e-mail">
      <Stack gap="md">
        <Switch
          label="Files may come by e-mail"
          description="Encrypted, as attachments. The result goes back to who sent the file."
          checked={email !== undefined}
          error={problemAt(["email"])}
          onChange={(event) =>
            event.currentTarget.checked ? set(before.current) : onChange(withSetting(profile, "email", undefined))
          }
        />
        {email !== undefined && (
          <>
            <TagsInput
              label="Who may send"
              description="Addresses, or @example.com for all of a domain. Enter after each."
              placeholder="data@example.com"
              required
              value={email.senders ?? []}
              error={problemAt(["email", "senders"], "also within")}
              splitChars={[",", ";", " "]}
              onChange={(senders) => set({ ...email, senders })}
            />
            <TextInput
              label="An address of its own"
              description="The part before the @. Empty: the sender tells the project."
              value={email.address ?? ""}
              error={problemAt(["email", "address"])}
              onChange={(event) => set(withSetting(email, "address", event.currentTarget.value))}
              maw={420}
            />
            {email.mailbox !== undefined && (
              <Text fz="sm" c="var(--quiet)">
                The mailbox {email.mailbox.username} at {email.mailbox.host} is read, too. Change it in the YAML.
              </Text>
            )}
          </>
        )}
      </Stack>
    </Section>
  );
}
