import type { ProfileInput } from "@inlet/contracts";
import { Button, FileButton, Group, Stack, Text } from "@mantine/core";
import { IconFileSpreadsheet } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { type DragEvent, useState } from "react";
import { api } from "../../api/client.ts";
import { Failure } from "../../parts/states.tsx";
import classes from "./sample-drop.module.css";

type TableInput = ProfileInput["tables"][number];

/** More of a sample tells nothing more of its columns. */
const SAMPLE_BYTES = 20 * 1024 * 1024;

/** Where samples are dropped or picked; a table is made of each. Nothing of a sample is kept. */
export function SampleDrop({ onMade }: { onMade: (tables: TableInput[]) => void }) {
  const [over, setOver] = useState(false);
  const infer = useMutation({
    mutationFn: async (files: readonly File[]) => {
      const made: TableInput[] = [];
      for (const file of files) {
        if (file.size > SAMPLE_BYTES)
          throw new Error(`${file.name} is larger than 20 MB. Give a part of it as a sample.`);
        const { written } = await api.inferTable(file.name, file);
        made.push(written);
      }
      return made;
    },
    onSuccess: onMade,
  });
  const take = (files: readonly File[]) => {
    if (files.length > 0) infer.mutate(files);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take([...event.dataTransfer.files]);
  };
  return (
    <Stack gap="md">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is the mouse's way; the button is everybody's */}
      <div
        className={classes.drop}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <Group justify="center" gap="md">
          <IconFileSpreadsheet size={26} stroke={1.5} aria-hidden />
          <Text>Drop sample files here, such as store-2026-11-20.tsv</Text>
          <FileButton multiple onChange={take}>
            {(props) => (
              <Button {...props} variant="default" loading={infer.isPending}>
                Select samples
              </Button>
            )}
          </FileButton>
        </Group>
      </div>
      {infer.isError && <Failure error={infer.error} />}
    </Stack>
  );
}
