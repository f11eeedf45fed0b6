import type { EventRow, TallyRow } from "@inlet/database";
import { iso } from "../views.ts";

/** A column of an export. No cell holds anything that a stranger wrote, but for a button's name: letters, digits and hyphens. */
type Column<Row> = readonly [label: string, cell: (row: Row) => string | number | null];

const time = (at: Date | null) => (at === null ? null : iso(at));

/** `landingPage` is the address as the result file has it: by it the two are joined. */
const RECIPIENT_COLUMNS: readonly Column<TallyRow & { landingPage: string }>[] = [
  ["record", ({ record }) => record],
  ["landingPage", ({ landingPage }) => landingPage],
  ["pages", ({ pages }) => pages],
  ["plays", ({ plays }) => plays],
  ["completions", ({ completions }) => completions],
  ["clicks", ({ clicks }) => clicks],
  ["videos", ({ videos }) => videos],
  ["thumbnails", ({ thumbnails }) => thumbnails],
  ["seen_at", ({ seenAt }) => time(seenAt)],
  ["played_at", ({ playedAt }) => time(playedAt)],
  ["completed_at", ({ completedAt }) => time(completedAt)],
  ["clicked_at", ({ clickedAt }) => time(clickedAt)],
  ["last_at", ({ lastAt }) => time(lastAt)],
];

const EVENT_COLUMNS: readonly Column<EventRow & { landingPage: string }>[] = [
  ["record", ({ record }) => record],
  ["landingPage", ({ landingPage }) => landingPage],
  ["at", ({ at }) => time(at)],
  ["kind", ({ kind }) => kind],
  ["visitor", ({ visitor }) => visitor],
  ["detail", ({ detail }) => detail],
];

const csv = <Row>(columns: readonly Column<Row>[]) => ({
  header: `${columns.map(([label]) => label).join(",")}\r\n`,
  line: (row: Row) => `${columns.map(([, cell]) => cell(row) ?? "").join(",")}\r\n`,
});

/** What each recipient did, as CSV. */
export const RECIPIENTS_CSV = csv(RECIPIENT_COLUMNS);
/** Every event, as CSV. */
export const EVENTS_CSV = csv(EVENT_COLUMNS);
