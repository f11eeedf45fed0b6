import type { NotifyEvent } from "@inlet/contracts";
import { Checkbox, Stack, TagsInput } from "@mantine/core";
import { Section } from "../../../../parts/section.tsx";
import { useProblems } from "../../../profile-parts/problems.ts";
import { withSetting } from "../../../profile-parts/setting.ts";
import { type FormSectionProps, withGroup } from "./parts.ts";

const EVENTS: readonly { value: NotifyEvent; label: string; description: string }[] = [
  { value: "received", label: "A file has come", description: "At once, with its name and size." },
  { value: "started", label: "Work begins", description: "When the first file of a run is worked on." },
  { value: "completed", label: "A run has ended", description: "Each table with its status, counts and links." },
];
const USUAL: readonly NotifyEvent[] = ["completed"];

/** Who gets e-mails, and of what. */
export function RecipientsSection({ profile, onChange }: FormSectionProps) {
  const problemAt = useProblems();
  const notify = profile.notify ?? {};
  const on = notify.on ?? USUAL;
  const setOn = (chosen: readonly string[]) => {
    const events = EVENTS.map(({ value }) => value).filter((event) => chosen.includes(event));
    const { on: _, ...others } = notify;
    // No event at all is a choice, too.
    const isUsual = events.length === 1 && events[0] === "completed";
    onChange(withGroup(profile, "notify", isUsual ? others : { ...notify, on: events }));
  };
  return (
    <Section title="Whom to tell">
      <Stack gap="md">
        <TagsInput
          label="E-mail addresses"
          description="Enter after each address. Nobody: leave it empty."
          placeholder="data@example.com"
          value={notify.recipients ?? []}
          error={problemAt(["notify", "recipients"], "also within")}
          splitChars={[",", ";", " "]}
          clearable
          onChange={(recipients) =>
            onChange(withGroup(profile, "notify", withSetting(notify, "recipients", recipients)))
          }
        />
        <Checkbox.Group
          label="They are told when"
          value={[...on]}
          onChange={setOn}
          error={problemAt(["notify", "on"], "also within")}
        >
          <Stack gap="xs" mt="xs">
            {EVENTS.map(({ value, label, description }) => (
              <Checkbox key={value} value={value} label={label} description={description} />
            ))}
          </Stack>
        </Checkbox.Group>
      </Stack>
    </Section>
  );
}
