import { storyboardColumns } from "@inlet/storyboard";
import { ActionIcon, Button, Drawer, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useMemo } from "react";
import { withSetting } from "../../profile-parts/setting.ts";
import { useEditor } from "../state/editor-context.ts";
import classes from "./samples-drawer.module.css";

const MOST_SAMPLES = 20;

/** Names for samples that show what may go wrong. */
const NAMES = ["A usual name", "A long name", "Almost nothing known", "Another alphabet", "Another city"];

/** The storyboard's own samples, as a small table: one row each, a column for whatever it shows or asks. */
export function SamplesDrawer({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { draft, storyboard, change } = useEditor();
  const samples = draft.samples ?? [];
  const columns = useMemo(
    () => [...new Set([...storyboardColumns(storyboard), ...samples.flatMap(({ values }) => Object.keys(values))])],
    [storyboard, samples],
  );
  const set = (next: typeof samples, key?: string) =>
    change(withSetting(draft, "samples", next), key === undefined ? {} : { key });
  return (
    <Drawer opened={opened} onClose={onClose} position="bottom" size="min(24rem, 80vh)" title="Samples" data-undo>
      <Stack gap="md">
        <Text fz="sm" c="var(--quiet)">
          Made-up rows to try the storyboard with; never a recipient's. Good ones are a long name, an empty cell and
          another alphabet.
        </Text>
        {samples.length > 0 && (
          <div className={classes.frame}>
            <table className={classes.table}>
              <caption className="only-for-readers">Samples</caption>
              <thead>
                <tr>
                  <th scope="col">Sample</th>
                  {columns.map((column) => (
                    <th key={column} scope="col">
                      {column}
                    </th>
                  ))}
                  <th scope="col">
                    <span className="only-for-readers">Remove</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {samples.map((sample, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a sample whose name is being typed stays the same
                  <tr key={at}>
                    <td>
                      <TextInput
                        size="xs"
                        aria-label={`Name of sample ${at + 1}`}
                        maxLength={60}
                        value={sample.name}
                        onChange={(event) =>
                          set(samples.with(at, { ...sample, name: event.currentTarget.value }), `samples.${at}.name`)
                        }
                      />
                    </td>
                    {columns.map((column) => (
                      <td key={column}>
                        <TextInput
                          size="xs"
                          aria-label={`${column} of ${sample.name}`}
                          placeholder="Empty"
                          maxLength={1_000}
                          value={sample.values[column] ?? ""}
                          onChange={(event) =>
                            set(
                              samples.with(at, {
                                ...sample,
                                values: withSetting(sample.values, column, event.currentTarget.value),
                              }),
                              `samples.${at}.${column}`,
                            )
                          }
                        />
                      </td>
                    ))}
                    <td>
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={`Remove ${sample.name}`}
                        onClick={() => set(samples.toSpliced(at, 1))}
                      >
                        <IconTrash size={15} aria-hidden />
                      </ActionIcon>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        <Group>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={14} aria-hidden />}
            disabled={samples.length >= MOST_SAMPLES}
            onClick={() => {
              const taken = samples.map(({ name }) => name);
              const name = NAMES.find((each) => !taken.includes(each)) ?? `Sample ${samples.length + 1}`;
              set([...samples, { name, values: {} }]);
            }}
          >
            Add a sample
          </Button>
          <Text fz="xs" c="var(--quiet)">
            Dates as 2026-12-01, numbers with a dot.
          </Text>
        </Group>
      </Stack>
    </Drawer>
  );
}
