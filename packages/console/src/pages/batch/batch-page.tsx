import type { BatchDetail } from "@inlet/contracts";
import { Alert, Badge, Group } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { BatchMark } from "../../parts/batch-mark.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import { BatchResults } from "../results/batch-results.tsx";
import { BatchActions } from "./batch-actions.tsx";
import { BatchFacts } from "./batch-facts.tsx";
import classes from "./batch-page.module.css";
import { useBatch } from "./batch-query.ts";
import { Findings } from "./findings.tsx";
import { Flow } from "./flow.tsx";
import { LogLines } from "./log-lines.tsx";
import { Outgoing } from "./outgoing.tsx";
import { PersonalLinks } from "./personal-links.tsx";
import { StoredFiles } from "./stored-files.tsx";
import { Timeline } from "./timeline.tsx";

const route = getRouteApi("/signed-in/batches/$batchId");

/** One file: its way, what was found, where it went, and what can be done. */
export function BatchPage() {
  const id = Number(route.useParams().batchId);
  const batch = useBatch(id);
  return (
    <Page
      title={batch.fileName}
      heading={<Heading batch={batch} />}
      crumbs={[
        <PageLink key="activity" to="/activity">
          Activity
        </PageLink>,
        <span key="batch">Batch {id}</span>,
      ]}
      lead={
        <>
          {batch.client}/{batch.project}
          {batch.table !== null && ` · table ${batch.table}`} ·{" "}
          <PageLink to="/runs/$runId" params={{ runId: String(batch.runId) }} underline="always">
            Run {batch.runId}
          </PageLink>
        </>
      }
      actions={<BatchActions batch={batch} />}
    >
      {batch.reason !== null && (
        <Alert
          color={batch.mark === "cross" ? "red" : "yellow"}
          variant="light"
          title={batch.reason.message}
          role="status"
        >
          Reason code <code>{batch.reason.code}</code>
          {batch.pull !== null && (
            <>
              {" · "}
              <PageLink to="/pulls/$pullId" params={{ pullId: String(batch.pull) }} underline="always">
                What was expected and what came
              </PageLink>
            </>
          )}
        </Alert>
      )}
      <Flow batch={batch} />
      <div className={classes.columns}>
        <div className={classes.main}>
          {batch.issueCount > 0 && <Findings batch={batch} />}
          <Timeline batch={batch} />
          {batch.actions.some(({ action, allowed }) => action === "log" && allowed) && <LogLines batch={batch} />}
        </div>
        <div className={classes.side}>
          <BatchFacts batch={batch} />
          <StoredFiles batch={batch} />
          <PersonalLinks batch={batch} />
          <BatchResults batch={batch} />
          <Outgoing batch={batch} />
        </div>
      </div>
    </Page>
  );
}

function Heading({ batch }: { batch: BatchDetail }) {
  return (
    <Group gap="sm" component="span">
      <span>{batch.fileName}</span>
      <span className={classes.mark}>
        <BatchMark batch={batch} />
      </span>
      {batch.rehearsal && (
        <Badge color="yellow" variant="light">
          Rehearsal: in no table
        </Badge>
      )}
    </Group>
  );
}
