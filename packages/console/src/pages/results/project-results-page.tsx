import type { ProjectResults } from "@inlet/contracts";
import { figure } from "@inlet/contracts/figures";
import { SegmentedControl, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Section } from "../../parts/section.tsx";
import { Failure, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { fromFirst } from "./chart-scale.ts";
import { Funnel } from "./funnel.tsx";
import { Others } from "./others.tsx";
import { projectResultsQuery } from "./result-queries.ts";
import { TIMES, USUAL_DAYS } from "./result-time.ts";
import classes from "./results.module.css";
import { SeriesChart } from "./series-chart.tsx";
import { percent, STEPS } from "./steps.ts";

const route = getRouteApi("/signed-in/projects/$client/$project/results");

/** What came of a project's links. */
export function ProjectResultsPage() {
  const path = route.useParams();
  const { days = USUAL_DAYS } = route.useSearch();
  const navigate = useNavigate();
  const results = useQuery({ ...projectResultsQuery(path, { days }), placeholderData: keepPreviousData });
  if (results.isPending) return <Waiting lines={8} />;
  if (results.data === undefined) return <Failure error={results.error!} retry={() => void results.refetch()} />;
  const { people, series, unit, batches } = results.data;
  return (
    <Stack gap="lg">
      <Section
        title="How far recipients came"
        lead="Each counts once in each step. Mail proxies and link checkers that say what they are do not count."
        actions={
          <SegmentedControl
            aria-label="Time"
            size="xs"
            value={String(days)}
            onChange={(chosen) =>
              void navigate({
                to: "/projects/$client/$project/results",
                params: path,
                search: { days: Number(chosen) },
                replace: true,
              })
            }
            data={TIMES.map(({ days, label }) => ({ value: String(days), label }))}
          />
        }
      >
        <div className={classes.steps}>
          <Funnel people={people} />
        </div>
      </Section>
      <Section title={unit === "day" ? "Day by day" : "Hour by hour"} lead="When recipients did it for the first time.">
        {people.seen + people.played + people.completed + people.clicked === 0 ? (
          <Text c="var(--quiet)">Nobody has opened a link in this time.</Text>
        ) : (
          <SeriesChart series={fromFirst(series)} unit={unit} />
        )}
      </Section>
      <Section title="More figures">
        <Others {...results.data} />
      </Section>
      <Section title="Files" lead="With all that came of each, in this time or before." flush={batches.length > 0}>
        {batches.length === 0 ? (
          <Text c="var(--quiet)">No links were handed out or looked at in this time.</Text>
        ) : (
          <Batches batches={batches} />
        )}
      </Section>
    </Stack>
  );
}

type Row = ProjectResults["batches"][number];
const column = columnsOf<Row>();
const COLUMNS = [
  column.accessor("fileName", {
    header: "File",
    meta: { grow: true },
    cell: ({ row: { original } }) => (
      <PageLink to="/batches/$batchId" params={{ batchId: String(original.batchId) }}>
        {original.fileName}
      </PageLink>
    ),
  }),
  column.accessor("sentAt", {
    header: "Sent",
    meta: { from: "sm" },
    cell: ({ getValue }) => {
      const at = getValue();
      return (
        <Text span fz="inherit" style={{ whiteSpace: "nowrap" }}>
          {at === null ? "Not yet" : <When at={at} />}
        </Text>
      );
    },
  }),
  ...STEPS.map(({ step, word }) =>
    column.accessor(({ people }) => people[step], {
      id: step,
      header: step === "sent" ? "Links" : word,
      meta: { align: "end" },
      cell: ({ row: { original } }) => (
        <>
          {figure(original.people[step])}
          {step !== "sent" && (
            <Text span fz="xs" c="var(--quiet)">
              {" "}
              {percent(original.people[step], original.people.sent)}
            </Text>
          )}
        </>
      ),
    }),
  ),
];

function Batches({ batches }: { batches: readonly Row[] }) {
  const navigate = useNavigate();
  return (
    <DataTable
      caption="Files whose links were handed out or looked at"
      columns={COLUMNS}
      rows={batches}
      rowId={({ batchId }) => String(batchId)}
      onOpen={({ batchId }) => void navigate({ to: "/batches/$batchId", params: { batchId: String(batchId) } })}
    />
  );
}
