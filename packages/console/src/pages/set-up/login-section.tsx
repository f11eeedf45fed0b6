import { Checkbox, SimpleGrid, Stack, TagsInput, Textarea, TextInput } from "@mantine/core";
import { Section } from "../../parts/section.tsx";
import type { PlannedLogin } from "./plan.ts";

interface LoginSectionProps {
  login: PlannedLogin;
  onChange: (login: PlannedLogin) => void;
}

/** How the client's system logs in, and from where. */
export function LoginSection({ login, onChange }: LoginSectionProps) {
  const change = (part: Partial<PlannedLogin>) => onChange({ ...login, ...part });
  return (
    <Section title="5. How the files come">
      <Stack gap="md">
        <Checkbox
          label="By SFTP, with a login of the client's own"
          description="Uploads in this console are always possible."
          checked={login.wanted}
          onChange={(event) => change({ wanted: event.currentTarget.checked })}
        />
        {login.wanted && (
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput
              label="Login"
              required
              maxLength={32}
              value={login.username}
              onChange={(event) => change({ username: event.currentTarget.value.toLowerCase() })}
            />
            <TagsInput
              label="Addresses that may log in"
              description="IP addresses or ranges such as 203.0.113.0/24. Empty: from anywhere."
              value={[...login.cidrs]}
              onChange={(cidrs) => change({ cidrs })}
              splitChars={[",", ";", " "]}
            />
            <Textarea
              label="Public keys"
              description="One line each, as in an authorized_keys file. Without any, a password is made and shown once."
              autosize
              minRows={2}
              maxRows={6}
              value={login.publicKeys}
              onChange={(event) => change({ publicKeys: event.currentTarget.value })}
            />
          </SimpleGrid>
        )}
      </Stack>
    </Section>
  );
}
