import type { StepKind } from "@inlet/contracts";

/** Which failed steps are listed, as the page's address says it: those of one stage and one reason, or all. */
export interface FailedStepFilter {
  queue?: StepKind;
  code?: string;
}

const STAGES: readonly string[] = ["validate", "personalise", "import", "deliver"] satisfies StepKind[];
const isStage = (word: unknown): word is StepKind => typeof word === "string" && STAGES.includes(word);

/** The reason in an address. What is none is left out. */
export function readReason({ queue, code }: Record<string, unknown>): FailedStepFilter {
  return {
    ...(isStage(queue) && { queue }),
    ...(typeof code === "string" && code !== "" && code.length <= 100 && { code }),
  };
}
