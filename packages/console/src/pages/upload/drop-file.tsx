import { Button, FileButton, NumberInput, Stack, Text } from "@mantine/core";
import { IconFileUpload } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type DragEvent, useState } from "react";
import { api } from "../../api/client.ts";
import { Failure } from "../../parts/states.tsx";
import { beginSending } from "../draft/sending.ts";
import classes from "./drop-file.module.css";
import type { Service } from "./services.ts";

/** Where a file is dropped or picked. With it the draft begins, and the page of the check opens. */
export function DropFile({ service }: { service: Service | undefined }) {
  const navigate = useNavigate();
  const [records, setRecords] = useState<number | undefined>();
  const [over, setOver] = useState(false);
  const begin = useMutation({
    mutationFn: async ({ service: { client, project, table }, file }: { service: Service; file: File }) => {
      if (file.size === 0) throw new Error(`${file.name} is empty. Choose a file that has something in it.`);
      const draft = await api.beginDraft(client, project, {
        fileName: file.name,
        sizeBytes: file.size,
        table,
        lastModified: new Date(file.lastModified).toISOString(),
        ...(records !== undefined && { records }),
      });
      beginSending(draft.id, file);
      return draft;
    },
    onSuccess: ({ id }) => navigate({ to: "/upload/$draftId", params: { draftId: String(id) } }),
  });
  const take = (file: File | null | undefined) => {
    if (service !== undefined && file) begin.mutate({ service, file });
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  return (
    <Stack gap="md">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is the mouse's way; the button is everybody's */}
      <div
        className={classes.drop}
        data-over={over || undefined}
        data-off={service === undefined || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(service !== undefined);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <IconFileUpload size={36} stroke={1.4} aria-hidden />
        <Text fz="lg" fw={600}>
          {service === undefined ? "First choose what the file is about" : `Drop a file for ${service.table} here`}
        </Text>
        <FileButton onChange={take} disabled={service === undefined}>
          {(props) => (
            <Button {...props} size="md" loading={begin.isPending} disabled={service === undefined}>
              Select file
            </Button>
          )}
        </FileButton>
        <Text fz="sm" c="var(--quiet)" ta="center" maw={420}>
          CSV, TSV or text of any size, also zipped or encrypted. A broken connection goes on where it stopped.
        </Text>
      </div>
      {begin.isError && <Failure error={begin.error} />}
      <NumberInput
        label="How many records should it hold?"
        description="If you know it: a file with more or fewer is refused, so that nothing is lost on the way."
        placeholder="Leave empty if you do not know"
        min={0}
        allowDecimal={false}
        thousandSeparator=","
        maw={420}
        value={records ?? ""}
        onChange={(value) => setRecords(typeof value === "number" ? value : undefined)}
      />
    </Stack>
  );
}
