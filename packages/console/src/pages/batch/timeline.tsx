import type { BatchDetail, TimelineEntry } from "@inlet/contracts";
import { duration } from "@inlet/contracts/figures";
import { Text } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconPointFilled, IconX, type TablerIcon } from "@tabler/icons-react";
import { Section } from "../../parts/section.tsx";
import { exactTimeOf } from "../../parts/time-text.ts";
import { When } from "../../parts/when.tsx";
import { Steps } from "./steps.tsx";
import classes from "./timeline.module.css";

const SIGNS: Readonly<Record<TimelineEntry["tone"], TablerIcon>> = {
  info: IconPointFilled,
  good: IconCheck,
  warning: IconAlertTriangle,
  bad: IconX,
};

/** What happened to the batch, oldest first. */
export function Timeline({ batch }: { batch: BatchDetail }) {
  return (
    <Section title="What happened">
      <Steps steps={batch.steps} />
      <ol className={classes.timeline}>
        {batch.timeline.map((entry, index) => {
          const Sign = SIGNS[entry.tone];
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a history only grows at its end
            <li key={index} className={classes.entry} data-tone={entry.tone}>
              <span className={classes.sign} aria-hidden>
                <Sign size={13} stroke={2.4} />
              </span>
              <span className={classes.text}>
                {entry.text}
                {entry.actor !== null && !entry.text.includes(entry.actor) && (
                  <Text span c="var(--quiet)">
                    {" "}
                    by {entry.actor}
                  </Text>
                )}
              </span>
              <span className={classes.facts}>
                {entry.durationMs !== null && <span title="How long it took">{duration(entry.durationMs)}</span>}
                <span title={exactTimeOf(new Date(entry.at))}>
                  <When at={entry.at} as="time" />
                </span>
              </span>
            </li>
          );
        })}
      </ol>
    </Section>
  );
}
