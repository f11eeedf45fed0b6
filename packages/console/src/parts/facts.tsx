import type { ReactNode } from "react";
import classes from "./facts.module.css";

/** Names and values, as a form that was filled in. Values that are undefined are left out. */
export function Facts({ of }: { of: readonly (readonly [name: string, value: ReactNode | undefined])[] }) {
  return (
    <dl className={classes.facts}>
      {of.map(
        ([name, value]) =>
          value !== undefined && (
            <div key={name} className={classes.fact}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
