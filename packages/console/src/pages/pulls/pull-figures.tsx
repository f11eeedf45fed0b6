import type { PullDetail } from "@inlet/contracts";
import { count, figure } from "@inlet/contracts/figures";
import { Progress } from "@mantine/core";
import classes from "./pull-figures.module.css";
import { isUnderWay } from "./pull-queries.ts";

interface Figure {
  name: string;
  value: number | null;
  note?: { text: string; tone?: "good" | "bad" } | undefined;
}

/** What monitoring compares: expected, received, checked, imported. They are the same, or nothing was imported. */
export function PullFigures({ pull }: { pull: PullDetail }) {
  const { expected, received, batch, outcome, rehearsal, pages } = pull;
  const figures: Figure[] = [
    { name: "Expected", value: expected, note: expectedNote(pull) },
    { name: "Received", value: outcome === "waiting" && pages === 0 ? null : received, note: receivedNote(pull) },
    { name: "Checked", value: batch?.valid ?? null, note: against(batch?.valid ?? null, received) },
    {
      name: rehearsal ? "Would be imported" : "Imported",
      value: outcome === "stopped" ? 0 : (batch?.imported ?? null),
      note: importedNote(pull),
    },
  ];
  const isPulling = outcome === "pulling" && expected !== null && expected > 0;
  return (
    <div className={classes.frame} data-tone={toneOf(pull)}>
      <dl className={classes.figures} aria-label="What was expected and what came">
        {figures.map(({ name, value, note }) => (
          <div key={name} className={classes.figure}>
            <dt>{name}</dt>
            <dd>
              <div className={classes.count} data-known={value !== null || undefined}>
                {figure(value)}
              </div>
              {note !== undefined && (
                <div className={classes.note} data-tone={note.tone}>
                  {note.text}
                </div>
              )}
            </dd>
          </div>
        ))}
      </dl>
      {isPulling && (
        <Progress
          className={classes.bar}
          value={(received / expected) * 100}
          aria-label={`${figure(received)} of ${figure(expected)} items`}
          size={4}
        />
      )}
    </div>
  );
}

function toneOf({ outcome }: PullDetail): "good" | "bad" | undefined {
  if (outcome === "stopped" || outcome === "not_imported") return "bad";
  return outcome === "imported" || outcome === "unchanged" ? "good" : undefined;
}

function expectedNote(pull: PullDetail): Figure["note"] {
  if (pull.expected !== null) return { text: "by the system's own count" };
  return isUnderWay(pull) || pull.pages === 0 ? undefined : { text: "the system does not say" };
}

function receivedNote({ outcome, expected, received, pages, durationMs }: PullDetail): Figure["note"] {
  if (outcome === "waiting" && pages === 0) return undefined;
  if (outcome === "pulling") {
    const rate =
      durationMs !== null && durationMs > 1_000
        ? `, ${figure(Math.round((received / durationMs) * 1_000))} a second`
        : "";
    return { text: `${count(pages, "page")}${rate}` };
  }
  return against(received, expected) ?? { text: count(pages, "page") };
}

function importedNote({ outcome, batch }: PullDetail): Figure["note"] {
  if (outcome === "stopped" || outcome === "not_imported") return { text: "the table is as before", tone: "bad" };
  if (outcome === "unchanged") return { text: "nothing had changed" };
  return against(batch?.imported ?? null, batch?.valid ?? null);
}

/** How one figure compares with the one that it must equal. */
function against(value: number | null, wanted: number | null): Figure["note"] {
  if (value === null || wanted === null) return undefined;
  if (value === wanted) return { text: "the same", tone: "good" };
  const difference = figure(Math.abs(wanted - value));
  return { text: value < wanted ? `${difference} missing` : `${difference} too many`, tone: "bad" };
}
