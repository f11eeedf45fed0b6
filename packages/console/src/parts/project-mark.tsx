import { IconTheater } from "@tabler/icons-react";
import { Mark } from "./mark.tsx";

/** Whether a project's files reach its tables. */
export function ProjectMark({ state }: { state: "live" | "rehearsal" }) {
  return state === "live" ? (
    <Mark tone="good">Live</Mark>
  ) : (
    <Mark tone="warning" icon={IconTheater}>
      Rehearsal
    </Mark>
  );
}
