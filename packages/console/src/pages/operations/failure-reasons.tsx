import type { FailedStepPage } from "@inlet/contracts";
import { figure } from "@inlet/contracts/figures";
import { Button, Group, Text } from "@mantine/core";
import { codeText } from "../../parts/code-text.ts";
import { Mark } from "../../parts/mark.tsx";
import { When } from "../../parts/when.tsx";
import type { FailedStepFilter } from "./failed-step-filter.ts";
import classes from "./failure-reasons.module.css";
import { queueWord } from "./queue-words.ts";

type Reason = FailedStepPage["reasons"][number];

interface FailureReasonsProps {
  reasons: readonly Reason[];
  /** The reason that is listed below; none: all are. */
  filter: FailedStepFilter;
  canRetry: boolean;
  onShow: (filter: FailedStepFilter) => void;
  onRetry: (reason: Reason) => void;
}

/** Failed steps of one reason together: most often it is one thing that is to be mended. */
export function FailureReasons({ reasons, filter, canRetry, onShow, onRetry }: FailureReasonsProps) {
  return (
    <ul className={classes.reasons} aria-label="Why steps failed">
      {reasons.map((reason) => {
        const { queue, code, message, steps, lastAt } = reason;
        const isShown = filter.queue === queue && filter.code === code;
        return (
          <li key={`${queue} ${code}`} className={classes.reason} data-shown={isShown || undefined}>
            <div className={classes.words}>
              <Mark tone="bad">
                {queueWord(queue)}: {codeText(code)}
              </Mark>
              <Text fz="sm" className={classes.message}>
                {message}
              </Text>
              <Text fz="sm" c="var(--quiet)">
                {figure(steps)} {steps === 1 ? "step" : "steps"}
                {lastAt !== null && (
                  <>
                    , the last <When at={lastAt} />
                  </>
                )}
              </Text>
            </div>
            <Group gap="xs">
              <Button
                size="xs"
                variant="subtle"
                aria-pressed={isShown}
                onClick={() => onShow(isShown ? {} : { queue, code })}
              >
                {isShown ? "List all" : "List these"}
              </Button>
              {canRetry && (
                <Button size="xs" variant="default" onClick={() => onRetry(reason)}>
                  {steps === 1 ? "Retry it" : "Retry all of these"}
                </Button>
              )}
            </Group>
          </li>
        );
      })}
    </ul>
  );
}
