import type { AuditLine } from "@inlet/contracts";
import { Button, Code, Drawer, Group, Stack, Title } from "@mantine/core";
import { codeText } from "../../parts/code-text.ts";
import { Copy } from "../../parts/copy.tsx";
import { Facts } from "../../parts/facts.tsx";
import { Mark } from "../../parts/mark.tsx";
import { exactTimeOf } from "../../parts/time-text.ts";
import type { AuditFilters } from "./audit-filters.ts";
import { AuditTarget } from "./audit-target.tsx";
import { actionText, outcomeOf } from "./audit-words.ts";

interface AuditDrawerProps {
  line: AuditLine | undefined;
  onClose: () => void;
  /** Shows these lines alone. */
  onOnly: (filters: AuditFilters) => void;
}

/** One line of the audit, with everything that it says. */
export function AuditDrawer({ line, onClose, onOnly }: AuditDrawerProps) {
  return (
    <Drawer
      opened={line !== undefined}
      onClose={onClose}
      position="right"
      size="md"
      title={line === undefined ? "" : actionText(line.action)}
    >
      {line !== undefined && (
        <Stack gap="lg">
          <Facts
            of={[
              [
                "Outcome",
                <Mark key="outcome" tone={outcomeOf(line.outcome).tone}>
                  {outcomeOf(line.outcome).word}
                </Mark>,
              ],
              ["When", exactTimeOf(new Date(line.at))],
              ["Who", line.actor],
              ["From", line.address ?? undefined],
              ["What", <Code key="action">{line.action}</Code>],
              ["Done to", line.path === null ? undefined : <AuditTarget key="path" path={line.path} />],
              [
                "SHA-256",
                line.sha256 === null ? undefined : (
                  <Group key="sha" gap={4} wrap="nowrap">
                    <Code>{line.sha256.slice(0, 16)}…</Code>
                    <Copy value={line.sha256} what="the checksum" />
                  </Group>
                ),
              ],
              [
                "Request",
                line.session === null ? undefined : (
                  <Group key="session" gap={4} wrap="nowrap" align="flex-start">
                    <Code>{line.session}</Code>
                    <Copy value={line.session} what="the request's name" />
                  </Group>
                ),
              ],
              ["Line", String(line.id)],
            ]}
          />
          {Object.keys(line.detail).length > 0 && (
            <Stack gap="xs">
              <Title order={3}>Detail</Title>
              <Facts of={Object.entries(line.detail).map(([name, value]) => [nameText(name), detailOf(value)])} />
            </Stack>
          )}
          <Group gap="xs">
            <Button size="xs" variant="default" onClick={() => onOnly({ actor: line.actor })}>
              All that {line.actor.length > 24 ? "they" : line.actor} did
            </Button>
            {line.path !== null && (
              <Button size="xs" variant="default" onClick={() => onOnly({ path: line.path ?? "" })}>
                All that was done to it
              </Button>
            )}
          </Group>
        </Stack>
      )}
    </Drawer>
  );
}

/** `apiKey` → `Api key`. */
const nameText = (name: string) => codeText(name.replaceAll(/([a-z])([A-Z])/g, "$1_$2").toLowerCase());

function detailOf(value: unknown) {
  if (typeof value === "string" || typeof value === "number") return String(value);
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (value === null) return "–";
  return (
    <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
      {JSON.stringify(value, null, 2)}
    </Code>
  );
}
