import { expectedFileNames, type FileMatch, type Profile, type Reason } from "@inlet/contracts";

/** Why a file whose name belongs to no table is rejected: with the names that would do. */
export function unknownFileName(profile: Profile, fileName: string): Reason {
  return {
    code: "unknown_file_name",
    message: `No table of project ${profile.project} takes a file named ${fileName}. Expected: ${expectedFileNames(profile)}; each may come in a ZIP (.zip) or encrypted (.pgp, .gpg, .asc). Nothing was imported. Send it again under such a name.`,
  };
}

/** What the batches of one run share: the date in the name, where the profile groups by it; null: a run of its own. */
export function runKeyOf(profile: Profile, match: Pick<FileMatch, "date"> | undefined): string | null {
  return profile.run.group === "date" ? (match?.date ?? null) : null;
}
