import type { BatchDetail } from "@inlet/contracts";
import { count } from "@inlet/contracts/figures";
import { Anchor, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/session.ts";
import { PageLink } from "../../parts/links.tsx";
import { Section } from "../../parts/section.tsx";
import { Funnel } from "./funnel.tsx";
import { batchResultsQuery } from "./result-queries.ts";
import classes from "./results.module.css";

/** What came of the links of one file. */
export function BatchResults({ batch }: { batch: BatchDetail }) {
  const may = useMay();
  const hasLinks = batch.counts.links !== null && batch.counts.links > 0;
  const { data } = useQuery({ ...batchResultsQuery(batch.id), enabled: hasLinks });
  if (!hasLinks || data === undefined) return null;
  const { client, project } = batch;
  return (
    <Section
      title="Results"
      actions={
        <PageLink to="/projects/$client/$project/results" params={{ client, project }}>
          Of the project
        </PageLink>
      }
    >
      <div className={`${classes.steps} ${classes.side}`}>
        <Funnel people={data.people} />
      </div>
      {data.withheld > 0 && (
        <Text fz="sm" c="var(--quiet)" mt="sm">
          {count(data.withheld, "row")} got no link, by what the storyboard requires.
        </Text>
      )}
      {may("files") && (
        <Group gap="md" mt="sm">
          <Anchor fz="sm" href={api.recipientResultsFileUrl(batch.id)} download>
            Recipients (CSV)
          </Anchor>
          <Anchor fz="sm" href={api.linkEventsFileUrl(batch.id)} download>
            All events (CSV)
          </Anchor>
        </Group>
      )}
    </Section>
  );
}
