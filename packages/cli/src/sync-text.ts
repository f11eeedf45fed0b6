import type { Reconciliation, SubscriptionDetail, SubscriptionView, SyncLetter } from "@inlet/contracts";
import { clock, count, duration, figure } from "./figures.ts";
import { type Column, inLines, renderTable } from "./table.ts";
import { printable, type Style, type Terminal } from "./terminal.ts";

const STYLES: Readonly<Record<SubscriptionView["state"], Style>> = {
  active: "green",
  backfilling: "cyan",
  paused: "yellow",
  failing: "yellow",
  misconfigured: "red",
  ended: "dim",
};

/** The figures that say how old something is need no tenths of a second beyond ten. */
const age = (seconds: number): string =>
  seconds >= 9.5 && seconds < 59.5 ? `${Math.round(seconds)} s` : duration(Math.round(seconds * 1000));

/** How far a subscription is behind; empty where it is not. */
export function behindText({ outward, lag, backfill }: Pick<SubscriptionView, "outward" | "lag" | "backfill">): string {
  if (!outward) return "";
  if (backfill !== null)
    return `first copy ${figure(backfill.done)}${backfill.total === null ? "" : ` of ${figure(backfill.total)}`}`;
  return lag.changes === 0 ? "" : `${count(lag.changes, "change")}, ${age(lag.seconds)}`;
}

/** Subscriptions as a table. */
export function subscriptionTable(subscriptions: readonly SubscriptionView[], terminal: Terminal, now: Date): string[] {
  const { paint } = terminal;
  const columns: Column<SubscriptionView>[] = [
    { title: "ID", text: ({ id }) => String(id), align: "right", paint: (_, cell) => paint("bold", cell) },
    { title: "SYSTEM", text: ({ name }) => name, flexible: true },
    { title: "SUBSCRIBER", text: ({ use }) => use, spare: true },
    { title: "CATALOG", text: ({ client, project, catalog }) => `${client}/${project} ${catalog}` },
    { title: "STATE", text: ({ state }) => state, paint: ({ state }, cell) => paint(STYLES[state], cell) },
    { title: "BEHIND", text: behindText },
    { title: "RETRYING", text: ({ letters }) => positive(letters.retrying), align: "right" },
    {
      title: "DEAD",
      text: ({ letters }) => positive(letters.dead),
      align: "right",
      paint: (_, cell) => paint("red", cell),
    },
    {
      title: "LAST SUCCESS",
      text: ({ lastSuccessAt }) => (lastSuccessAt === null ? "never" : clock(lastSuccessAt, now)),
      spare: true,
    },
  ];
  return renderTable(subscriptions, columns, terminal);
}

const positive = (number: number): string => (number === 0 ? "" : figure(number));

const FACT_WIDTH = 14;

/** One subscription: how it fares, and what comes from it. */
export function subscriptionLines(subscription: SubscriptionDetail, terminal: Terminal, now: Date): string[] {
  const { id, name, use, client, project, catalog, state, letters, incoming, problem, lastError } = subscription;
  const { paint } = terminal;
  const lines = [
    `${paint("bold", `Subscription ${id}`)}  ${printable(name)}  ${client}/${project} ${catalog}`,
    `  ${paint("dim", "state".padEnd(FACT_WIDTH))} ${paint(STYLES[state], state)}`,
  ];
  const fact = (title: string, text: string | null | false | undefined) => {
    if (text) lines.push(...factLines(title, text, terminal));
  };
  const paused = subscription.paused;
  fact("subscriber", use);
  fact("behind", behindText(subscription) || (subscription.outward && "nothing"));
  fact("sent", subscription.outward && count(subscription.pushed, "change"));
  fact(
    "not taken",
    (letters.dead > 0 || letters.retrying > 0) &&
      `${figure(letters.dead)} given up, ${figure(letters.retrying)} tried again by themselves`,
  );
  fact("cannot run", problem?.message);
  fact("last success", subscription.lastSuccessAt === null ? "never" : clock(subscription.lastSuccessAt, now));
  // What has gone well since then is no news any more.
  fact("last error", isNews(subscription) && lastError && `${clock(lastError.at, now)}  ${lastError.message}`);
  fact("next attempt", subscription.nextAttemptAt && clock(subscription.nextAttemptAt, now));
  fact("paused", paused && `${clock(paused.at, now)}${paused.by ? ` by ${paused.by}` : ""}`);
  fact("compared", subscription.reconciles);
  fact("its webhooks", subscription.inwardAddress);
  if (incoming === null) return lines;
  const { changed, unchanged, refused, waiting, turnedAway } = incoming;
  fact(
    "has sent us",
    `${count(changed, "change")}, ${figure(unchanged)} that changed nothing, ${figure(refused)} refused`,
  );
  fact("waiting", waiting > 0 && count(waiting, "event"));
  fact("last asked", incoming.lastPollAt && clock(incoming.lastPollAt, now));
  fact("could not ask", incoming.error?.message);
  fact("not let in", turnedAway.count > 0 && `${count(turnedAway.count, "request")}: ${turnedAway.reason ?? ""}`);
  return lines;
}

const isNews = ({ lastError, lastSuccessAt }: SubscriptionView): boolean =>
  lastError !== null && (lastSuccessAt === null || lastError.at > lastSuccessAt);

function factLines(title: string, text: string, { paint, columns }: Terminal): string[] {
  const indent = 2 + FACT_WIDTH + 1;
  const [first = "", ...rest] = inLines(printable(text), Math.max(20, columns - indent));
  return [
    `  ${paint("dim", title.padEnd(FACT_WIDTH))} ${first}`,
    ...rest.map((line) => `${" ".repeat(indent)}${line}`),
  ];
}

const KINDS = {
  missing_there: "not there",
  missing_here: "not here",
  different: "different",
  invalid: "refused",
} as const;

/** A comparison of both sides: what it found, and what was done about it. */
export function comparisonLines(comparison: Reconciliation, { columns }: Terminal, now: Date): string[] {
  const { startedAt, createdAt, state, result, error } = comparison;
  const at = `compared ${clock(startedAt ?? createdAt, now)}`;
  const text = printable(result === null ? `${state}${error === null ? "" : `: ${error.message}`}` : foundText(result));
  const [first = "", ...rest] = inLines(text, Math.max(20, columns - at.length - 2));
  return [`${at}  ${first}`, ...rest.map((line) => `${" ".repeat(at.length + 2)}${line}`)];
}

function foundText(result: NonNullable<Reconciliation["result"]>): string {
  const { here, there, missingThere, missingHere, different, invalid, inFlight, sent, taken, left, caution } = result;
  const found = [
    missingThere > 0 && `${figure(missingThere)} not there`,
    missingHere > 0 && `${figure(missingHere)} not here`,
    different > 0 && `${figure(different)} different`,
    invalid > 0 && `${figure(invalid)} that our check refuses`,
    inFlight > 0 && `${figure(inFlight)} not compared, because they were being changed`,
  ].filter((part) => part !== false);
  const done = [
    sent > 0 && `${figure(sent)} sent again`,
    taken > 0 && `${figure(taken)} taken from there`,
    left > 0 && `${figure(left)} left as they are`,
  ].filter((part) => part !== false);
  const parts = [found.length === 0 ? "alike" : found.join(", "), ...(done.length === 0 ? [] : [done.join(", ")])];
  return `${figure(here)} here, ${figure(there)} there: ${parts.join("; ")}${caution === null ? "" : `. ${caution}`}`;
}

/** The first few items that a comparison found different. */
export const sampleLines = ({ result }: Reconciliation): string[] =>
  (result?.samples ?? []).map(({ kind, key, columns }) =>
    `  ${KINDS[kind].padEnd(10)} ${printable(key)}  ${printable(columns.join(", "))}`.trimEnd(),
  );

/** What was not taken, as a table. */
export function letterTable(letters: readonly SyncLetter[], terminal: Terminal, now: Date): string[] {
  const { paint } = terminal;
  const columns: Column<SyncLetter>[] = [
    { title: "LETTER", text: ({ id }) => String(id), align: "right", paint: (_, cell) => paint("bold", cell) },
    { title: "WAY", text: ({ direction }) => direction },
    {
      title: "STATE",
      text: ({ state }) => state,
      paint: ({ state }, cell) => paint(state === "dead" ? "red" : "dim", cell),
    },
    { title: "ITEM", text: ({ key }) => key ?? "unknown" },
    {
      title: "TRIED",
      text: ({ changedAt, attempts }) => `${clock(changedAt, now)}${attempts > 1 ? ` (${attempts})` : ""}`,
      spare: true,
    },
    { title: "WHY", text: whyText, flexible: true, wrap: true },
  ];
  return renderTable(letters, columns, terminal);
}

/** The findings say the same as the error, of each column. */
function whyText({ error, findings, dismissed }: SyncLetter): string {
  const why =
    findings.length === 0
      ? (error?.message ?? "")
      : findings
          .map(({ message, value }) => (value === null || value === "" ? message : `${message} It is ${value}.`))
          .join(" ");
  return dismissed === null
    ? why
    : `${why} Dismissed${dismissed.by === null ? "" : ` by ${dismissed.by}`}: ${dismissed.reason}`;
}
