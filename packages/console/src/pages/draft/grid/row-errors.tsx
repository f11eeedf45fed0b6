import { Button, Code, Stack, Text } from "@mantine/core";
import type { ShownRow } from "./shown-row.ts";

interface RowErrorsProps {
  row: ShownRow;
  editable: boolean;
  onFix: (column: number, value: string) => void;
}

/** All that is wrong with a row: what, where, and what would be right. */
export function RowErrors({ row, editable, onFix }: RowErrorsProps) {
  return (
    <Stack gap="sm">
      <Text fw={600}>Line {row.line}</Text>
      {row.findings.map((finding, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the findings of a row stand still
        <div key={index}>
          <Text fz="sm" c={finding.severity === "error" ? "var(--bad)" : "var(--warning)"} fw={560}>
            {finding.column ?? "The row"}
          </Text>
          <Text fz="sm">{finding.message}</Text>
          {finding.value !== null && (
            <Text fz="sm" c="var(--quiet)">
              It says <Code>{finding.value === "" ? "(nothing)" : finding.value}</Code>
            </Text>
          )}
          {finding.fix !== null && finding.columnIndex !== null && finding.fixable && editable && (
            <Button size="compact-sm" variant="light" mt={4} onClick={() => onFix(finding.columnIndex!, finding.fix!)}>
              Change it to {finding.fix}
            </Button>
          )}
        </div>
      ))}
    </Stack>
  );
}
