import { Alert, Code, Group, Text } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Copy } from "./copy.tsx";

interface ShownOnceProps {
  title: string;
  /** The secret. */
  value: string;
  /** Names it for the copy button: "the password". */
  what: string;
  /** What to do with it. */
  children?: ReactNode;
}

/** A secret that is shown now and never again. */
export function ShownOnce({ title, value, what, children }: ShownOnceProps) {
  return (
    <Alert color="yellow" variant="light" icon={<IconKey size={18} aria-hidden />} title={title} role="status">
      <Group gap={6} wrap="nowrap" my={4}>
        <Code fz="md" style={{ overflowWrap: "anywhere" }}>
          {value}
        </Code>
        <Copy value={value} what={what} />
      </Group>
      <Text fz="sm">{children ?? "Copy it now: it is not stored, and cannot be shown again."}</Text>
    </Alert>
  );
}
