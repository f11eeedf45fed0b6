import type { ProfileInput } from "@inlet/contracts";
import { Alert, Button, FileButton, Group, Select, Stack, Text } from "@mantine/core";
import { IconFileSearch } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { type DragEvent, Suspense, useState } from "react";
import { api } from "../../../../api/client.ts";
import { Section } from "../../../../parts/section.tsx";
import { Failure, Waiting } from "../../../../parts/states.tsx";
import { DraftContent } from "../../../draft/draft-content.tsx";
import { useDraft } from "../../../draft/draft-query.ts";
import { beginSending } from "../../../draft/sending.ts";
import type { Editing } from "../use-editing.ts";
import classes from "./trial-view.module.css";

interface TrialViewProps {
  editing: Editing;
  tried: Tried | undefined;
  onTried: (tried: Tried) => void;
  /** The trial that is looked at. */
  draftId: number | undefined;
  onBack: () => void;
}

/** What was tried last, so that it can be tried again with a changed profile. It is gone when the page is left. */
export interface Tried {
  file: File;
  table: string | null;
  draftId: number;
  text: string;
}

/** A sample held against the profile as it is edited, before it is saved. Nothing is imported. */
export function TrialView({ editing, tried, onTried, draftId, onBack }: TrialViewProps) {
  const [table, setTable] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  const { read, check, isChecked, text } = editing;
  const profile = read.value as ProfileInput;
  const isReady = isChecked && check?.written != null;
  const names = isReady ? profile.tables.map(({ name }) => name) : [];
  const chosen = table !== null && names.includes(table) ? table : null;
  const begin = useMutation({
    mutationFn: async ({ file, table }: { file: File; table: string | null }) => {
      if (file.size === 0) throw new Error(`${file.name} is empty. Choose a file that has something in it.`);
      const draft = await api.beginTrial({
        ...{ profile, fileName: file.name, sizeBytes: file.size },
        ...(table !== null && { table }),
      });
      beginSending(draft.id, file);
      return { file, table, draftId: draft.id, text };
    },
    onSuccess: onTried,
  });
  const take = (file: File | null | undefined) => {
    // Where there is one table, no name has to tell it.
    if (file && isReady) begin.mutate({ file, table: names.length === 1 ? (names[0] ?? null) : chosen });
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  const isOutdated = tried !== undefined && tried.draftId === draftId && tried.text !== text;
  return (
    <Stack gap="lg">
      <Section
        title="Try it on a sample"
        lead="The file is checked against the profile as it is edited here. Nothing is saved, and nothing is imported."
        actions={
          <Button size="xs" variant="default" onClick={onBack}>
            Back to the profile
          </Button>
        }
      >
        <Stack gap="md">
          {!isReady && (
            <Alert color="yellow" variant="light">
              {editing.problems.length > 0
                ? "The profile is not right yet. Mend it, and then try it."
                : "The profile is being checked."}
            </Alert>
          )}
          {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is the mouse's way; the button is everybody's */}
          <div
            className={classes.drop}
            data-over={over || undefined}
            onDragOver={(event) => {
              event.preventDefault();
              setOver(isReady);
            }}
            onDragLeave={() => setOver(false)}
            onDrop={drop}
          >
            <Group justify="center" align="flex-end" gap="md">
              <IconFileSearch size={28} stroke={1.5} aria-hidden className={classes.sign} />
              {names.length > 1 && (
                <Select
                  aria-label="Which table the sample is for"
                  placeholder="The table its name tells"
                  data={[...new Set(names)]}
                  value={chosen}
                  clearable
                  onChange={setTable}
                />
              )}
              <FileButton onChange={take} disabled={!isReady}>
                {(props) => (
                  <Button {...props} loading={begin.isPending} disabled={!isReady}>
                    {draftId === undefined ? "Select a sample" : "Select another sample"}
                  </Button>
                )}
              </FileButton>
            </Group>
            <Text fz="sm" c="var(--quiet)" mt="sm">
              Or drop it here.
            </Text>
          </div>
          {begin.isError && <Failure error={begin.error} />}
          {isOutdated && (
            <Alert color="yellow" variant="light" title="The profile has changed since">
              <Group gap="sm">
                <Text fz="sm">Below is what the profile said when the sample was tried.</Text>
                <Button
                  size="xs"
                  disabled={!isReady}
                  loading={begin.isPending}
                  onClick={() => begin.mutate({ file: tried.file, table: tried.table })}
                >
                  Try {tried.file.name} again
                </Button>
              </Group>
            </Alert>
          )}
        </Stack>
      </Section>
      {draftId !== undefined && (
        <Suspense fallback={<Waiting />}>
          <Trial draftId={draftId} />
        </Suspense>
      )}
    </Stack>
  );
}

function Trial({ draftId }: { draftId: number }) {
  const draft = useDraft(draftId);
  return (
    <Stack gap="lg">
      <Text fz="sm" c="var(--quiet)">
        {draft.fileName}
        {draft.table !== null && `, as ${draft.table}`}
      </Text>
      <DraftContent draft={draft} />
    </Stack>
  );
}
