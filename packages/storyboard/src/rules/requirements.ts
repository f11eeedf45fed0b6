import type { Storyboard } from "@inlet/contracts";
import type { Row } from "../row.ts";
import { compileCondition, conditionColumns } from "./compile-condition.ts";

type WithRequirements = Pick<Storyboard, "requirements">;

const NOTHING: readonly string[] = [];

/**
 * Makes a function of a storyboard's requirements, for a file's many rows. It answers what a row lacks to get a link: the
 * messages of the requirements that it does not fulfil, in the storyboard's order; none when it gets one.
 */
export function compileRequirements({ requirements }: WithRequirements): (row: Row) => readonly string[] {
  const compiled = requirements.map(({ condition, message }) => ({ holds: compileCondition(condition), message }));
  return (row) => {
    let messages: string[] | undefined;
    for (const { holds, message } of compiled) {
      if (holds(row)) continue;
      messages ??= [];
      messages.push(message);
    }
    return messages ?? NOTHING;
  };
}

/** What a single row lacks to get a link, see {@link compileRequirements}. */
export function unmetRequirements(storyboard: WithRequirements, row: Row): readonly string[] {
  return compileRequirements(storyboard)(row);
}

/** The columns that requirements look at: nothing else of a row need be read for them. */
export function requirementColumns({ requirements }: WithRequirements): string[] {
  return [...new Set(requirements.flatMap(({ condition }) => conditionColumns(condition)))];
}
