import type { Profile, ProfileView } from "@inlet/contracts";
import { Facts } from "../../../parts/facts.tsx";
import { Section } from "../../../parts/section.tsx";
import { When } from "../../../parts/when.tsx";

/** What a profile says, for who does not change it. */
export function ProfileFacts({ live }: { live: ProfileView }) {
  const { profile } = live;
  return (
    <Section title="Facts">
      <Facts
        of={[
          ["Version", String(live.version)],
          ["Saved by", live.appliedBy],
          ["Saved", <When key="at" at={live.appliedAt} />],
          ["Files are worked on", runText(profile)],
          ["Tables", profile.tables.map(({ name }) => name).join(", ")],
          ["E-mails go to", profile.notify.recipients.join(", ") || "Nobody"],
          ["Personal links", profile.links === undefined ? "No" : `For ${profile.links.expiresAfterDays} days`],
          ["Files by e-mail", profile.email === undefined ? "No" : "Yes"],
        ]}
      />
    </Section>
  );
}

function runText({ run }: Profile): string {
  if (run.group === "schedule") return `${run.at}, ${run.timezone}`;
  return run.group === "date" ? "As they come, reported by date" : "As they come";
}
