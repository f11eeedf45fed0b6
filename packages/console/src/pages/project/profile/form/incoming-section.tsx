import { Select, SimpleGrid, Stack, Switch, TextInput } from "@mantine/core";
import { Section } from "../../../../parts/section.tsx";
import { useProblems } from "../../../profile-parts/problems.ts";
import { withSetting } from "../../../profile-parts/setting.ts";
import { type FormSectionProps, withGroup } from "./parts.ts";

const SAME = [
  { value: "reject", label: "is rejected as a duplicate" },
  { value: "accept", label: "is accepted" },
];

/** What files may come wrapped in, and what becomes of one that came before. */
export function IncomingSection({ profile, onChange }: FormSectionProps) {
  const problemAt = useProblems();
  const duplicates = profile.duplicates ?? {};
  const incoming = profile.incoming ?? {};
  const zip = incoming.zip ?? {};
  const setIncoming = (changed: typeof incoming) => onChange(withGroup(profile, "incoming", changed));
  const setZip = (changed: typeof zip) =>
    setIncoming(withSetting(incoming, "zip", Object.keys(changed).length === 0 ? undefined : changed));
  const wish = (isNeeded: boolean) => (isNeeded ? ("require" as const) : ("accept" as const));
  return (
    <Section title="What comes in">
      <Stack gap="md">
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Select
            label="A file of a name that came before"
            data={SAME}
            value={duplicates.name ?? "reject"}
            allowDeselect={false}
            onChange={(value) =>
              onChange(
                withGroup(
                  profile,
                  "duplicates",
                  withSetting(duplicates, "name", value === "accept" ? "accept" : "reject", "reject"),
                ),
              )
            }
          />
          <Select
            label="A file with the same content as one before"
            data={SAME}
            value={duplicates.content ?? "accept"}
            allowDeselect={false}
            onChange={(value) =>
              onChange(
                withGroup(
                  profile,
                  "duplicates",
                  withSetting(duplicates, "content", value === "reject" ? "reject" : "accept", "accept"),
                ),
              )
            }
          />
        </SimpleGrid>
        <Switch
          label="Files must be encrypted with OpenPGP"
          description="To the project's key. Encrypted files are opened in any case."
          checked={incoming.pgp === "require"}
          error={problemAt(["incoming", "pgp"])}
          onChange={(event) => setIncoming(withSetting(incoming, "pgp", wish(event.currentTarget.checked), "accept"))}
        />
        <Switch
          label="And signed by the client"
          description="By one of the client's keys. A signature that does not hold is refused in any case."
          checked={incoming.signature === "require"}
          error={problemAt(["incoming", "signature"])}
          onChange={(event) =>
            setIncoming(withSetting(incoming, "signature", wish(event.currentTarget.checked), "accept"))
          }
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput
            label="Password of the client's ZIP files"
            description="The name of a stored secret. Empty: they have none."
            value={zip.password ?? ""}
            error={problemAt(["incoming", "zip", "password"])}
            onChange={(event) => setZip(withSetting(zip, "password", event.currentTarget.value))}
          />
          <Switch
            mt={{ sm: 24 }}
            label="Files must be in a ZIP with this password"
            checked={zip.encryption === "require"}
            error={problemAt(["incoming", "zip", "encryption"])}
            onChange={(event) => setZip(withSetting(zip, "encryption", wish(event.currentTarget.checked), "accept"))}
          />
        </SimpleGrid>
      </Stack>
    </Section>
  );
}
