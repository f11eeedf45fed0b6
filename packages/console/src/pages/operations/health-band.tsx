import type { Operations } from "@inlet/contracts";
import { Text } from "@mantine/core";
import { Mark } from "../../parts/mark.tsx";
import { healthOf, verdictOf } from "./health.ts";
import classes from "./health-band.module.css";

/** To the second: that it goes on is what tells that the page is alive. */
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** How the hub stands: one line for all of it, and each part with its figures. */
export function HealthBand({ hub }: { hub: Operations }) {
  const parts = healthOf(hub);
  const verdict = verdictOf(parts);
  return (
    <section className={classes.band} data-tone={verdict.tone} aria-label="Health">
      <div className={classes.verdict}>
        <div role="status" className={classes.words}>
          <Mark tone={verdict.tone}>
            <span className={classes.text}>{verdict.text}</span>
          </Mark>
        </div>
        <Text fz="sm" c="var(--quiet)" className="figures">
          As of <time dateTime={hub.at}>{clock.format(new Date(hub.at))}</time>
        </Text>
      </div>
      <ul className={classes.parts}>
        {parts.map(({ name, tone, state, detail }) => (
          <li key={name} className={classes.part}>
            <Text fz="sm" c="var(--quiet)">
              {name}
            </Text>
            <Mark tone={tone}>{state}</Mark>
            <Text fz="sm" c="var(--quiet)" className="figures">
              {detail}
            </Text>
          </li>
        ))}
      </ul>
    </section>
  );
}
