import type { FileMatch, Profile } from "@inlet/contracts";

/** What the batches of one run share: the date in the name, where the profile groups by it; null: a run of its own. */
export function runKeyOf(profile: Profile, match: Pick<FileMatch, "date"> | undefined): string | null {
  return profile.run.group === "date" ? (match?.date ?? null) : null;
}
