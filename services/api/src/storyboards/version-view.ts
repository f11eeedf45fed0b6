import type { StoryboardVersion } from "@inlet/contracts";
import type { StoryboardVersionRow } from "@inlet/database";
import { iso } from "../views.ts";

/** A version as lists show it. */
export const versionView = (row: StoryboardVersionRow, live: number | null): StoryboardVersion => {
  const { version, title, note, createdBy, createdAt } = row;
  return { version, title, note, createdBy, createdAt: iso(createdAt), live: version === live };
};
