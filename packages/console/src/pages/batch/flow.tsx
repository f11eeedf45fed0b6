import type { BatchDetail } from "@inlet/contracts";
import { figure } from "@inlet/contracts/figures";
import { IconChevronRight } from "@tabler/icons-react";
import { Fragment } from "react";
import classes from "./flow.module.css";

interface Stop {
  label: string;
  count: number | null;
  /** What leaves the way here, or does not come so far. */
  out?: { label: string; count: number; isBad?: boolean } | undefined;
}

/** The batch's records on their way: how many at each stage, and how many leave it where. */
export function Flow({ batch }: { batch: BatchDetail }) {
  const { declared, records, valid, rejected, imported, links, withheld } = batch.counts;
  const hasLinks = links !== null || batch.steps.some(({ kind }) => kind === "personalise");
  const stops: Stop[] = [
    ...(declared === null ? [] : [{ label: "Expected", count: declared }]),
    {
      label: declared === null ? "Records read" : "Received",
      count: records,
      out: differing(declared, records) ?? leaving("rejected", rejected),
    },
    { label: "Valid", count: valid },
    ...(hasLinks ? [{ label: "Links made", count: links, out: leaving("withheld", withheld) }] : []),
    { label: batch.rehearsal ? "Would be imported" : "Imported", count: imported },
    { label: "Delivered", count: batch.deliveries.length === 0 ? null : batch.deliveries.length },
  ];
  return (
    <ol className={classes.flow} aria-label="The records on their way">
      {stops.map(({ label, count, out }, index) => (
        <Fragment key={label}>
          <li className={classes.stop} data-reached={count !== null || undefined}>
            <span className={classes.label}>{label}</span>
            <span className={classes.count}>{figure(count)}</span>
            {out !== undefined && (
              <span className={classes.out} data-bad={out.isBad || undefined}>
                {figure(out.count)} {out.label}
              </span>
            )}
            {index < stops.length - 1 && <IconChevronRight className={classes.arrow} size={18} aria-hidden />}
          </li>
        </Fragment>
      ))}
    </ol>
  );
}

/** How what came differs from what was declared. */
function differing(declared: number | null, records: number | null): Stop["out"] {
  if (declared === null || records === null || declared === records) return undefined;
  const label = records < declared ? "missing" : "too many";
  return { label, count: Math.abs(declared - records), isBad: true };
}

const leaving = (label: string, count: number | null) => (count === null || count === 0 ? undefined : { label, count });
