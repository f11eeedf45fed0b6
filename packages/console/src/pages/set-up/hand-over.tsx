import { Alert, Button, Code, Group, List, Stack, Text } from "@mantine/core";
import { IconPrinter } from "@tabler/icons-react";
import { useEffect } from "react";
import { Copy } from "../../parts/copy.tsx";
import { Facts } from "../../parts/facts.tsx";
import { ButtonLink } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import { Section } from "../../parts/section.tsx";
import { triggerText } from "../profile-parts/trigger.ts";
import { fileNames, type HandedOver, handOverText } from "./hand-over-text.ts";
import { foldersOf } from "./plan.ts";

/** The page that is handed over: login, folders, file names, schedule. The password is on it, and nowhere else. */
export function HandOver({ of }: { of: HandedOver }) {
  const { plan, applied, login, connection } = of;
  const { uploads, downloads } = foldersOf(plan);
  const at = triggerText(plan.schedule);
  // It stands in the place of a long form, whose button is at its end.
  useEffect(() => window.scrollTo(0, 0), []);
  return (
    <Page
      title={`${plan.client}/${plan.project} is set up`}
      lead="Hand this over to the client. The password is shown only now."
      actions={
        <>
          <Copy value={handOverText(of)} what="all of it as text" />
          <Button variant="default" leftSection={<IconPrinter size={16} aria-hidden />} onClick={() => window.print()}>
            Print
          </Button>
          <ButtonLink to="/projects">Done</ButtonLink>
        </>
      }
    >
      <Stack gap="lg" maw={820}>
        {applied.warnings.length > 0 && (
          <Alert color="yellow" variant="light" title="Still to be done">
            <List>
              {applied.warnings.map((warning) => (
                <List.Item key={warning}>{warning}</List.Item>
              ))}
            </List>
          </Alert>
        )}
        {login !== undefined && (
          <Section title="SFTP login">
            <Facts
              of={[
                ["Server", <Value key="host" value={connection.sftp.host} what="the server" />],
                ["Port", String(connection.sftp.port)],
                ["Login", <Value key="login" value={login.username} what="the login" />],
                [
                  "Password",
                  login.password === undefined ? undefined : (
                    <Value key="password" value={login.password} what="the password" />
                  ),
                ],
                ["Public keys", login.publicKeys.map(({ fingerprint }) => fingerprint).join(", ") || undefined],
                ["May log in from", login.cidrs.join(", ") || "anywhere"],
                [
                  "Host key",
                  <Stack key="keys" gap={2}>
                    {connection.sftp.hostKeys.map(({ type, fingerprint }) => (
                      <Text key={fingerprint} fz="sm">
                        {type} <Code>{fingerprint}</Code>
                      </Text>
                    ))}
                  </Stack>,
                ],
              ]}
            />
          </Section>
        )}
        <Section title="Folders">
          <Facts
            of={[
              ["Put files into", <Value key="uploads" value={uploads} what="the folder" />],
              ["Results and error files", <Value key="downloads" value={downloads} what="the folder" />],
              ["Or upload at", <Value key="console" value={`${connection.consoleUrl}/upload`} what="the address" />],
            ]}
          />
        </Section>
        <Section title="Files">
          <Facts of={fileNames(plan)} />
        </Section>
        <Section title="When, and who is told">
          <Facts
            of={[
              ["Trigger", at === undefined ? "as files come" : `${at}, ${plan.schedule.timezone}`],
              ["E-mails go to", plan.recipients.join(", ") || "nobody"],
            ]}
          />
        </Section>
      </Stack>
    </Page>
  );
}

function Value({ value, what }: { value: string; what: string }) {
  return (
    <Group gap={4} wrap="nowrap">
      <Code fz="sm">{value}</Code>
      <Copy value={value} what={what} />
    </Group>
  );
}
