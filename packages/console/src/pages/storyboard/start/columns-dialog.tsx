import { Button, Group, Modal, Select, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useEditor } from "../state/editor-context.ts";
import { withColumn, withoutColumn } from "../state/missing-columns.ts";
import classes from "./columns-dialog.module.css";

interface ColumnsDialogProps {
  /** The columns that the storyboard names and the project has not. */
  missing: readonly string[];
  onClose: () => void;
}

const LEFT_OUT = "";

/** For each column that the project has not: one that it has, or none at all. Everything that named it follows. */
export function ColumnsDialog({ missing, onClose }: ColumnsDialogProps) {
  const { draft, columns, change } = useEditor();
  const names = columns.map(({ name }) => name);
  const [chosen, setChosen] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(missing.map((column) => [column, nearest(column, names) ?? LEFT_OUT])),
  );
  const apply = () => {
    let next = draft;
    for (const column of missing) {
      const to = chosen[column] ?? LEFT_OUT;
      next = to === LEFT_OUT ? withoutColumn(next, column) : withColumn(next, column, to);
    }
    change(next, { selection: { scene: 0 } });
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title="Choose your columns" size="lg">
      <Stack gap="md">
        <Text fz="sm">
          This storyboard was made for other files. Say for each of its values where yours stands. What you leave out is
          shown as if it were empty: its fallback stands there, or the scene that needs it goes.
        </Text>
        <div className={classes.rows}>
          {missing.map((column) => (
            <div key={column} className={classes.row}>
              <code>{column}</code>
              <Select
                size="sm"
                aria-label={`Instead of ${column}`}
                searchable
                allowDeselect={false}
                data={[{ value: LEFT_OUT, label: "Leave it out" }, ...names]}
                value={chosen[column] ?? LEFT_OUT}
                onChange={(to) => setChosen({ ...chosen, [column]: to ?? LEFT_OUT })}
              />
            </div>
          ))}
        </div>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Later
          </Button>
          <Button onClick={apply}>Use these</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

/** The column that is called the same but for how it is written. */
function nearest(column: string, names: readonly string[]): string | undefined {
  return names.find((name) => plain(name) === plain(column));
}
