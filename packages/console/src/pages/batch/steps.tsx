import type { StepView } from "@inlet/contracts";
import { count, duration } from "@inlet/contracts/figures";
import { Text } from "@mantine/core";
import { Mark, type Tone } from "../../parts/mark.tsx";
import { When } from "../../parts/when.tsx";
import classes from "./steps.module.css";

const NAMES: Readonly<Record<StepView["kind"], string>> = {
  validate: "Check",
  personalise: "Links",
  import: "Import",
  deliver: "Delivery",
};

const TONES: Readonly<Record<StepView["state"], Tone>> = {
  waiting: "still",
  ready: "still",
  running: "busy",
  done: "good",
  failed: "bad",
  cancelled: "still",
};

const WORDS: Readonly<Record<StepView["state"], string>> = {
  waiting: "waits for its turn",
  ready: "is next",
  running: "is under way",
  done: "done",
  failed: "failed",
  cancelled: "cancelled",
};

/** The stages of the batch side by side, with how long each took and how often it was tried. */
export function Steps({ steps }: { steps: readonly StepView[] }) {
  if (steps.length === 0) return null;
  return (
    <ul className={classes.steps} aria-label="Stages">
      {steps.map((step) => (
        <li key={step.kind} className={classes.step}>
          <Mark tone={TONES[step.state]}>
            {NAMES[step.kind]} {WORDS[step.state]}
          </Mark>
          <Text component="div" fz="sm" c="var(--quiet)">
            {[
              step.durationMs === null ? "" : duration(step.durationMs),
              step.attempts > 1 ? count(step.attempts, "attempt") : "",
              step.losses > 0 ? `${count(step.losses, "worker")} lost` : "",
              step.worker === null || step.state !== "running" ? "" : `on ${step.worker}`,
            ]
              .filter((part) => part !== "")
              .join(" · ")}
            {isPostponed(step) && (
              <>
                next attempt <When at={step.notBefore} />
              </>
            )}
          </Text>
          {step.error !== null && step.state !== "done" && (
            <Text fz="sm" c="var(--bad)">
              {step.error.message}
            </Text>
          )}
        </li>
      ))}
    </ul>
  );
}

const isPostponed = ({ state, notBefore, attempts }: StepView) =>
  (state === "ready" || state === "waiting") && attempts > 0 && Date.parse(notBefore) > Date.now();
