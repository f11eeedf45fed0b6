import type { ProfileInput } from "@inlet/contracts";
import { Select, SimpleGrid, Stack, Switch, Text, TextInput } from "@mantine/core";
import { Section } from "../../../../parts/section.tsx";
import { useProblems } from "../../../profile-parts/problems.ts";
import { withSetting } from "../../../profile-parts/setting.ts";
import type { FormSectionProps } from "./parts.ts";

type Delivery = NonNullable<ProfileInput["delivery"]>;
type Wrap = NonNullable<Delivery["wrap"]>;

const EXISTING = [
  { value: "keep_both", label: "both are kept, the new one numbered" },
  { value: "replace", label: "the new one replaces it" },
  { value: "refuse", label: "the delivery waits until it is gone" },
];
const WRAPS = [
  { value: "plain", label: "as they are" },
  { value: "zip", label: "in a ZIP" },
  { value: "pgp", label: "encrypted with OpenPGP" },
];
const NEW_WRAPS: Readonly<Record<Wrap["as"], Wrap | undefined>> = {
  plain: undefined,
  zip: { as: "zip" },
  pgp: { as: "pgp" },
};

/** What goes back to the client, and how. */
export function DeliverySection({ profile, onChange }: FormSectionProps) {
  const problemAt = useProblems();
  const delivery: Delivery = profile.delivery ?? { to: "downloads" };
  const wrap: Wrap = delivery.wrap ?? { as: "plain" };
  const set = (changed: Delivery) => {
    const isUsual = changed.to === "downloads" && Object.keys(changed).length === 1;
    onChange(withSetting(profile, "delivery", isUsual ? undefined : changed));
  };
  return (
    <Section
      title="What goes back"
      lead={
        delivery.to === "sftp"
          ? `To ${delivery.server?.host ?? "the client's server"} by SFTP; that is changed in the YAML.`
          : "Into the Downloads folder. A file that came by e-mail is answered by e-mail."
      }
    >
      <Stack gap="md">
        <Switch
          label="Error files"
          description="What was wrong with which row, as a file that can be opened in a spreadsheet."
          checked={delivery.errors ?? false}
          onChange={(event) => set(withSetting(delivery, "errors", event.currentTarget.checked, false))}
        />
        <Switch
          label="Flag files"
          description="An empty file named as the result, with .flg behind, when the result is complete."
          checked={delivery.flag ?? false}
          onChange={(event) => set(withSetting(delivery, "flag", event.currentTarget.checked, false))}
        />
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
          <Select
            label="Where a file of that name is there"
            data={EXISTING}
            value={delivery.existing ?? "keep_both"}
            allowDeselect={false}
            error={problemAt(["delivery", "existing"])}
            onChange={(value) => set(withSetting(delivery, "existing", value as Delivery["existing"], "keep_both"))}
          />
          <Select
            label="Files go back"
            data={WRAPS}
            value={wrap.as}
            allowDeselect={false}
            error={problemAt(["delivery", "wrap"])}
            onChange={(value) => set(withSetting(delivery, "wrap", NEW_WRAPS[(value ?? "plain") as Wrap["as"]]))}
          />
          {wrap.as === "zip" && (
            <>
              <TextInput
                label="The ZIP's password"
                description="The name of a stored secret. Empty: none."
                value={wrap.password ?? ""}
                error={problemAt(["delivery", "wrap", "password"])}
                onChange={(event) =>
                  set({ ...delivery, wrap: withSetting(wrap, "password", event.currentTarget.value) })
                }
              />
              {wrap.password !== undefined && (
                <Select
                  label="Encrypted by"
                  data={[
                    { value: "aes256", label: "AES-256" },
                    { value: "zipcrypto", label: "ZipCrypto: weak, and opened by Windows" },
                  ]}
                  value={wrap.encryption ?? "aes256"}
                  allowDeselect={false}
                  onChange={(value) =>
                    set({
                      ...delivery,
                      wrap: withSetting(wrap, "encryption", value === "zipcrypto" ? "zipcrypto" : "aes256", "aes256"),
                    })
                  }
                />
              )}
            </>
          )}
        </SimpleGrid>
        {wrap.as === "pgp" && (
          <>
            <Switch
              label="Signed with the project's key"
              checked={wrap.sign ?? true}
              onChange={(event) =>
                set({ ...delivery, wrap: withSetting(wrap, "sign", event.currentTarget.checked, true) })
              }
            />
            <Switch
              label="As text (.asc)"
              description="Else as binary (.gpg)."
              checked={wrap.armor ?? false}
              onChange={(event) =>
                set({ ...delivery, wrap: withSetting(wrap, "armor", event.currentTarget.checked, false) })
              }
            />
            <Text fz="sm" c="var(--quiet)">
              The keys are on the page Keys.
            </Text>
          </>
        )}
      </Stack>
    </Section>
  );
}
