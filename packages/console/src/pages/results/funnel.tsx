import type { Funnel as FunnelCounts } from "@inlet/contracts";
import { figure } from "@inlet/contracts/figures";
import classes from "./results.module.css";
import { percent, STEPS } from "./steps.ts";

/** How far recipients came, each counted once in each step, with the share of what was sent. */
export function Funnel({ people }: { people: FunnelCounts }) {
  return (
    <dl className={classes.funnel}>
      {STEPS.map(({ step, word, colour }) => (
        <div key={step} className={classes.step}>
          <dt>
            <span className={classes.swatch} style={{ background: colour }} />
            {word}
          </dt>
          <dd>
            <div className={classes.figure}>{figure(people[step])}</div>
            <div className={classes.share}>{step !== "sent" && percent(people[step], people.sent)}</div>
            <div className={classes.bar} aria-hidden>
              <span style={{ width: `${shareOf(people[step], people.sent) * 100}%`, background: colour }} />
            </div>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A link may have been seen before the time that is looked at, so a part can be more than its whole. */
const shareOf = (part: number, whole: number) => (whole === 0 ? 0 : Math.min(1, part / whole));
