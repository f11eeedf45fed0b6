import { SimpleGrid, Text, TextInput } from "@mantine/core";
import { Section } from "../../../../parts/section.tsx";
import { useProblems } from "../../../profile-parts/problems.ts";
import { withSetting } from "../../../profile-parts/setting.ts";
import type { FormSectionProps } from "./parts.ts";

/** What the project is called, and where its files lie. */
export function BasicsSection({ profile, onChange }: FormSectionProps) {
  const problemAt = useProblems();
  const { folders, source } = profile;
  const setFolder = (key: "uploads" | "downloads", value: string) => {
    const changed =
      key === "uploads" ? { ...folders, uploads: value } : withSetting({ uploads: "", ...folders }, key, value);
    const isEmpty = changed.uploads === "" && changed.downloads === undefined;
    onChange(withSetting(profile, "folders", isEmpty ? undefined : { ...changed, uploads: changed.uploads }));
  };
  return (
    <Section title="Name and folders">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label="Title"
          description="For people, in e-mails and lists. May be empty."
          maxLength={100}
          value={profile.title ?? ""}
          error={problemAt(["title"])}
          onChange={(event) => onChange(withSetting(profile, "title", event.currentTarget.value))}
        />
        <span />
        <TextInput
          label="Uploads folder"
          description="Where the client puts its files."
          placeholder="/retail/Uploads"
          value={folders?.uploads ?? ""}
          error={problemAt(["folders", "uploads"]) ?? problemAt(["folders"])}
          onChange={(event) => setFolder("uploads", event.currentTarget.value)}
        />
        <TextInput
          label="Downloads folder"
          description="Where results and error files go. Empty: nothing goes there."
          placeholder="/retail/Downloads"
          value={folders?.downloads ?? ""}
          error={problemAt(["folders", "downloads"])}
          onChange={(event) => setFolder("downloads", event.currentTarget.value)}
        />
      </SimpleGrid>
      {source?.kind === "sftp" && (
        <Text fz="sm" c="var(--quiet)" mt="md">
          Files are fetched from {source.server?.host ?? "another server"} by SFTP. Change it in the YAML.
        </Text>
      )}
    </Section>
  );
}
