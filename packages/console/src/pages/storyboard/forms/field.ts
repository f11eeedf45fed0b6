import { useProblems } from "../../profile-parts/problems.ts";

export type Path = readonly (string | number)[];

/** What each field of the forms is given by its path: what is wrong there, and by what a problem finds it. */
export function useField(): (path: Path, within?: "also within") => { error: string | undefined; "data-path": string } {
  const problemAt = useProblems();
  return (path, within) => ({ error: problemAt(path, within), "data-path": pathKey(path) });
}

export const pathKey = (path: Path): string => path.join(".");
