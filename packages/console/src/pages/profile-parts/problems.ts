import type { Problem } from "@inlet/contracts";
import { createContext, useContext } from "react";

type Path = readonly (string | number)[];

/** What is wrong in the profile that a form shows; each field says what is wrong in it. */
export const Problems = createContext<readonly Problem[]>([]);

/** What is wrong with a setting, by its path; of a list or an object, also with what is in it. */
export function useProblems(): (path: Path, within?: "also within") => string | undefined {
  const problems = useContext(Problems);
  return (path, within) => {
    const found = problems.filter(
      (problem) =>
        (within === undefined ? problem.path.length === path.length : problem.path.length >= path.length) &&
        path.every((key, at) => problem.path[at] === key),
    );
    return found.length === 0 ? undefined : found.map(({ message }) => message).join("; ");
  };
}
