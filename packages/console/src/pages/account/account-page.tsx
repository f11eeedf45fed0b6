import { SegmentedControl, Stack, useMantineColorScheme } from "@mantine/core";
import { useSession } from "../../api/session.ts";
import { Facts } from "../../parts/facts.tsx";
import { Page } from "../../parts/page.tsx";
import { ROLE_LEADS, ROLE_WORDS } from "../../parts/role-words.ts";
import { Section } from "../../parts/section.tsx";
import { When } from "../../parts/when.tsx";
import { ChangePassword } from "./change-password.tsx";

/** Who is signed in, and what of it that person changes alone. */
export function AccountPage() {
  const { user, role, client, signedInBy, expiresAt } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Page title="Your account">
      <Stack gap="lg" maw={720}>
        <Section title="You">
          <Facts
            of={[
              ["Name", user.name],
              ["E-mail", user.login],
              ["Role", `${ROLE_WORDS[role]}: ${ROLE_LEADS[role]}`],
              ["Client", client ?? "All clients"],
              ["Signed in", signedInBy === "password" ? "with a password" : "by the company login"],
              ["Until", <When key="until" at={expiresAt} as="time" />],
            ]}
          />
        </Section>
        <Section title="Colours">
          <SegmentedControl
            aria-label="Colours"
            value={colorScheme}
            onChange={(value) => setColorScheme(value as typeof colorScheme)}
            data={[
              { value: "light", label: "Light" },
              { value: "dark", label: "Dark" },
              { value: "auto", label: "As the system" },
            ]}
          />
        </Section>
        {user.hasPassword && <ChangePassword login={user.login} />}
      </Stack>
    </Page>
  );
}
