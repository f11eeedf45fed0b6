import type { BatchDetail } from "@inlet/contracts";
import { bytes, duration } from "@inlet/contracts/figures";
import { Code, Group } from "@mantine/core";
import { useMay } from "../../api/session.ts";
import { Copy } from "../../parts/copy.tsx";
import { Facts } from "../../parts/facts.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Section } from "../../parts/section.tsx";
import { SOURCE_WORDS } from "../../parts/source-words.ts";
import { When } from "../../parts/when.tsx";

/** What a batch is: where it came from, under which profile, and which others it belongs with. */
export function BatchFacts({ batch }: { batch: BatchDetail }) {
  const may = useMay();
  // Of a pull that was stopped there is nothing.
  const isEmpty = batch.pull !== null && batch.sizeBytes === 0;
  const isReadable = batch.importedAt !== null && !batch.rehearsal && may("files");
  return (
    <Section title="Facts">
      <Facts
        of={[
          ["Received", <When key="at" at={batch.receivedAt} as="time" />],
          ["By", sourceText(batch)],
          ["Brought by", batch.pull === null ? undefined : <PullLink key="pull" id={batch.pull} />],
          ["Size", isEmpty ? undefined : bytes(batch.sizeBytes)],
          ["Took", batch.endedAt === null ? undefined : duration(batch.durationMs)],
          ["Imported into", isReadable ? <TableLink key="table" batch={batch} /> : undefined],
          ["Profile", `version ${batch.profileVersion}`],
          ["Part of", linked(batch.partOf)],
          ["Parts", linkedAll(batch.parts)],
          ["Corrects", linked(batch.corrects)],
          ["Corrected by", linkedAll(batch.correctedBy)],
          ["Re-run of", linked(batch.rerunOf)],
          ["Run again as", linkedAll(batch.reruns)],
          ["Forced", batch.forcedReason ?? undefined],
          [
            "Files kept until",
            batch.filesKeptUntil === null ? undefined : <When key="kept" at={batch.filesKeptUntil} as="time" />,
          ],
          [
            "Files deleted",
            batch.filesDeletedAt === null ? undefined : <When key="gone" at={batch.filesDeletedAt} as="time" />,
          ],
          [
            "Recipient forgotten",
            batch.forgottenAt === null ? undefined : <When key="forgotten" at={batch.forgottenAt} as="time" />,
          ],
          [
            "SHA-256",
            isEmpty ? undefined : (
              <Group key="sha" gap={4} wrap="nowrap">
                <Code>{batch.sha256.slice(0, 12)}…</Code>
                <Copy value={batch.sha256} what="the checksum" />
              </Group>
            ),
          ],
          ["Older", linked(batch.neighbours.older)],
          ["Newer", linked(batch.neighbours.newer)],
        ]}
      />
    </Section>
  );
}

function sourceText({ source, account }: BatchDetail): string {
  const how = SOURCE_WORDS[source] ?? source;
  return account === null ? how : `${how} from ${account}`;
}

const linked = (id: number | null) => (id === null ? undefined : <BatchLink id={id} />);

const linkedAll = (ids: readonly number[]) =>
  ids.length === 0 ? undefined : (
    <Group gap={8}>
      {ids.map((id) => (
        <BatchLink key={id} id={id} />
      ))}
    </Group>
  );

function BatchLink({ id }: { id: number }) {
  return (
    <PageLink to="/batches/$batchId" params={{ batchId: String(id) }}>
      Batch {id}
    </PageLink>
  );
}

function PullLink({ id }: { id: number }) {
  return (
    <PageLink to="/pulls/$pullId" params={{ pullId: String(id) }}>
      Pull {id}
    </PageLink>
  );
}

/** The rows of the table that came with the batch; those that later files brought up to date are theirs. */
function TableLink({ batch: { id, client, project, table } }: { batch: BatchDetail }) {
  if (table === null) return null;
  return (
    <PageLink
      to="/tables/$client/$project/$table"
      params={{ client, project, table }}
      search={{ where: `_batch:eq:${id}` }}
    >
      {table}
    </PageLink>
  );
}
