/** Whether a batch's files are still what was sent. */
export interface FilesStanding {
  batchId: number;
  /** A recipient in them was forgotten. */
  forgottenAt: Date | null;
  /** They are kept no longer. */
  filesDeletedAt: Date | null;
}

/** Why a batch's files cannot be worked on any more. */
export interface FilesOver {
  code: "files_deleted" | "recipient_forgotten";
  message: string;
}

/** Says why nothing can be made of a batch's files any more; undefined: they are what was sent. */
export function filesOver({ batchId, forgottenAt, filesDeletedAt }: FilesStanding): FilesOver | undefined {
  if (filesDeletedAt !== null) {
    return {
      code: "files_deleted",
      message: `The files of batch ${batchId} were deleted on ${dayOf(filesDeletedAt)}, as its project's profile says (retention). Have the file sent again if it is needed.`,
    };
  }
  if (forgottenAt !== null) {
    return {
      code: "recipient_forgotten",
      message: `A recipient in the file of batch ${batchId} was forgotten on ${dayOf(forgottenAt)}, so it is never run again. Have the file sent again without that recipient.`,
    };
  }
  return undefined;
}

const dayOf = (time: Date) => time.toISOString().slice(0, 10);
