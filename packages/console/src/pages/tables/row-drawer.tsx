import type { TableColumn } from "@inlet/contracts";
import { Button, Drawer, Group, Stack, Text } from "@mantine/core";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { Copy } from "../../parts/copy.tsx";
import { Facts } from "../../parts/facts.tsx";
import { PageLink } from "../../parts/links.tsx";
import { cellText, kindOf } from "./cells.ts";
import type { Row } from "./row-list.tsx";

interface RowDrawerProps {
  columns: readonly TableColumn[];
  row: Row | undefined;
  onClose: () => void;
  /** To the row before and after it; undefined: there is none. */
  onPrevious: (() => void) | undefined;
  onNext: (() => void) | undefined;
}

/** One row, whole: every shown cell in its full length, and where the row came from. */
export function RowDrawer({ columns, row, onClose, onPrevious, onNext }: RowDrawerProps) {
  const batchId = row?._batch;
  const record = row?._record;
  return (
    <Drawer opened={row !== undefined} onClose={onClose} position="right" size="md" title="Row">
      {row !== undefined && (
        <Stack gap="lg">
          <Group justify="space-between">
            <Text fz="sm" c="var(--quiet)">
              {typeof batchId === "number" ? (
                <>
                  {typeof record === "number" && `Record ${record} of `}
                  <PageLink to="/batches/$batchId" params={{ batchId: String(batchId) }}>
                    batch {batchId}
                  </PageLink>
                </>
              ) : (
                "Not imported by Inlet"
              )}
            </Text>
            <Group gap={4}>
              <Step onClick={onPrevious} label="Row before">
                <IconChevronUp size={16} aria-hidden />
              </Step>
              <Step onClick={onNext} label="Row after">
                <IconChevronDown size={16} aria-hidden />
              </Step>
            </Group>
          </Group>
          <Facts of={columns.map((column) => [column.name, <Value key={column.name} column={column} row={row} />])} />
        </Stack>
      )}
    </Drawer>
  );
}

function Step({
  onClick,
  label,
  children,
}: {
  onClick: (() => void) | undefined;
  label: string;
  children: React.ReactNode;
}) {
  return (
    <Button variant="default" size="compact-sm" aria-label={label} disabled={onClick === undefined} onClick={onClick}>
      {children}
    </Button>
  );
}

function Value({ column, row }: { column: TableColumn; row: Row }) {
  const text = cellText(row[column.name], kindOf(column));
  if (text === undefined) {
    return (
      <Text span c="var(--quiet)" fs="italic">
        null
      </Text>
    );
  }
  return (
    <Group gap={4} wrap="nowrap" align="flex-start">
      <span style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{text}</span>
      <Copy value={text} what={column.name} />
    </Group>
  );
}
