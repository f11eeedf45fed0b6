import type { Problem, ProfileCheck, ProfileInput, ProfileVersionView } from "@inlet/contracts";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useSession } from "../../../api/session.ts";
import type { ProjectPath } from "../project-queries.ts";
import { type Place, type ReadText, readText, textOf, withValue } from "./document/profile-text.ts";
import { type Edits, editsKey, keepEdits, readEdits } from "./edits.ts";
import { checkQuery } from "./profile-queries.ts";

/** A mistake and where it stands in the text. */
export interface PlacedProblem extends Problem {
  place: Place;
}

/** A profile while it is edited: one text, whichever way it is changed. */
export interface Editing {
  text: string;
  read: ReadText;
  /** Whether there is anything that is not saved. */
  isChanged: boolean;
  /** The version that the edits began as. */
  baseVersion: number;
  /** Whether another version was saved since. */
  isBehind: boolean;
  problems: readonly PlacedProblem[];
  /** What applying it would say; undefined while nothing can be said. */
  check: ProfileCheck | undefined;
  /** The check is of the text as it is now, and not of what was there a moment ago. */
  isChecked: boolean;
  checkError: unknown;
  setText(text: string): void;
  /** Changes what the text says, and leaves the rest of it alone. */
  setProfile(profile: ProfileInput): void;
  discard(): void;
  /** Goes on from the version that is live now, with the text as it is. */
  rebase(): void;
}

/** A pause in typing, after which the hub is asked. */
const PAUSE_MS = 400;

/** Edits a project's profile, beginning with its live version or with what was not saved the last time. */
export function useEditing(path: ProjectPath, live: ProfileVersionView): Editing {
  const { user } = useSession();
  const key = editsKey(user.id, path.client, path.project);
  const [edits, setEdits] = useState(() => readEdits(key));
  const liveText = useMemo(() => textOf(live.written), [live]);
  const base = edits ?? { baseVersion: live.version, baseText: liveText, text: liveText };
  const { text, baseVersion, baseText } = base;
  const read = useMemo(() => readText(text), [text]);

  const [asked] = useDebouncedValue(read, PAUSE_MS);
  const isReadable = asked.mistakes.length === 0;
  const query = useQuery({ ...checkQuery(path, asked.text, asked.value), enabled: isReadable });
  const check = isReadable ? query.data : undefined;
  const isChecked = check !== undefined && !query.isPlaceholderData && asked.text === text;

  const problems = useMemo(() => {
    if (read.mistakes.length > 0) return read.mistakes.map(({ message, ...place }) => ({ path: [], message, place }));
    return [...(check?.errors ?? []), ...(check?.tableChanges ?? [])].map((problem) => ({
      ...problem,
      place: read.placeOf(problem.path),
    }));
  }, [read, check]);

  const keep = (next: Edits | undefined) => {
    setEdits(next);
    keepEdits(key, next);
  };
  const setText = (next: string) => {
    const isBack = next === liveText && baseVersion === live.version;
    keep(isBack ? undefined : { baseVersion, baseText, text: next });
  };
  return {
    ...{ text, read, problems, check, isChecked, baseVersion, setText },
    isChanged: edits !== undefined,
    isBehind: baseVersion !== live.version,
    checkError: query.error,
    setProfile: (profile) => setText(withValue(text, profile as Record<string, unknown>)),
    discard: () => keep(undefined),
    rebase: () => keep(text === liveText ? undefined : { baseVersion: live.version, baseText: liveText, text }),
  };
}
