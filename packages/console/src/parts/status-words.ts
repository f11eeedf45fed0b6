import type { BatchStatus } from "@inlet/contracts";

/** What a status says, for people. */
export const STATUS_WORDS: Readonly<Record<BatchStatus, string>> = {
  received: "Received",
  running: "Under way",
  completed: "Completed",
  partial: "Completed in part",
  rejected: "Rejected",
  failed: "Failed",
  duplicate: "Duplicate",
  superseded: "Superseded",
  cancelled: "Cancelled",
  unpacked: "Unpacked",
};

/** How a file came. */
export const SOURCE_WORDS: Readonly<Record<string, string>> = {
  gateway: "SFTP",
  sftp: "Fetched by SFTP",
  upload: "Upload",
  email: "E-mail",
};
