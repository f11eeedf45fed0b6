import type { ArtifactKind, ArtifactView, BatchDetail } from "@inlet/contracts";
import { bytes } from "@inlet/contracts/figures";
import { ActionIcon, Text, Tooltip } from "@mantine/core";
import { IconArrowDownLeft, IconArrowUpRight, IconDownload, IconFileSettings } from "@tabler/icons-react";
import { Section } from "../../parts/section.tsx";
import { When } from "../../parts/when.tsx";
import classes from "./stored-files.module.css";

/** What a stored file is to a person. */
const KINDS: Readonly<Record<ArtifactKind, { label: string; way: "in" | "out" | "own" }>> = {
  source: { label: "As it was sent", way: "in" },
  plain: { label: "Decrypted or unzipped", way: "in" },
  flag: { label: "Flag file", way: "in" },
  result: { label: "Result, with the links", way: "out" },
  errors: { label: "Error file", way: "out" },
  wrapped_result: { label: "Result, wrapped", way: "out" },
  wrapped_errors: { label: "Error file, wrapped", way: "out" },
  canonical: { label: "Valid records", way: "own" },
  index: { label: "Index of the records", way: "own" },
  rejected: { label: "Numbers of rejected records", way: "own" },
};

const WAYS = {
  in: { icon: IconArrowDownLeft, label: "Came in" },
  out: { icon: IconArrowUpRight, label: "Goes out" },
  own: { icon: IconFileSettings, label: "Inlet's own" },
} as const;

/** The files of the batch, in and out, to be downloaded by whoever may. */
export function StoredFiles({ batch }: { batch: BatchDetail }) {
  const source = batch.artifacts.find(({ kind }) => kind === "source");
  const shown = batch.artifacts.filter(
    // What came as it is has no other form.
    ({ kind, sha256 }) => KINDS[kind].way !== "own" && !(kind === "plain" && sha256 === source?.sha256),
  );
  if (batch.filesDeletedAt !== null) {
    return (
      <Section title="Files">
        <Text>
          They were deleted <When at={batch.filesDeletedAt} as="time" />, as the project's profile says, and its links
          are gone with them. What was counted stays.
        </Text>
      </Section>
    );
  }
  if (shown.length === 0) return null;
  const download = batch.actions.find(({ action }) => action === "download");
  return (
    <Section
      title="Files"
      lead={
        batch.filesKeptUntil !== null && (
          <>
            Kept until <When at={batch.filesKeptUntil} as="time" />.
          </>
        )
      }
    >
      <ul className={classes.files}>
        {shown.map((artifact) => (
          <StoredFile
            key={artifact.kind}
            batchId={batch.id}
            artifact={artifact}
            hasSource={source !== undefined}
            why={download?.allowed ? null : (download?.why ?? null)}
          />
        ))}
      </ul>
    </Section>
  );
}

interface StoredFileProps {
  batchId: number;
  artifact: ArtifactView;
  /** What was sent is kept, too. */
  hasSource: boolean;
  /** Why it cannot be downloaded; null: it can. */
  why: string | null;
}

function StoredFile({ batchId, artifact, hasSource, why }: StoredFileProps) {
  const { label: usual, way } = KINDS[artifact.kind];
  const label = artifact.kind === "plain" && !hasSource ? "As it was read" : usual;
  const { icon: Way, label: wayLabel } = WAYS[way];
  return (
    <li className={classes.file}>
      <Tooltip label={wayLabel}>
        <Way size={17} className={classes.way} aria-label={wayLabel} />
      </Tooltip>
      <span className={classes.words}>
        <span className={classes.name}>{artifact.name}</span>
        <Text span fz="sm" c="var(--quiet)" display="block">
          {label} · {bytes(artifact.sizeBytes)}
        </Text>
      </span>
      {why === null ? (
        <ActionIcon
          component="a"
          href={`/v1/batches/${batchId}/artifacts/${artifact.kind}`}
          download={artifact.name}
          variant="subtle"
          aria-label={`Download ${artifact.name}`}
        >
          <IconDownload size={17} aria-hidden />
        </ActionIcon>
      ) : (
        <Tooltip label={why}>
          <ActionIcon variant="subtle" data-disabled aria-disabled aria-label={`Download ${artifact.name}: ${why}`}>
            <IconDownload size={17} aria-hidden />
          </ActionIcon>
        </Tooltip>
      )}
    </li>
  );
}
