import type { StepKind } from "@inlet/contracts";

/** What a stage is called while it runs, when it is done, and as a thing. */
export const STAGE_WORDS: Readonly<Record<StepKind, { running: string; done: string; noun: string }>> = {
  validate: { running: "Being checked", done: "Checked", noun: "check" },
  personalise: { running: "Links are being made", done: "Links made", noun: "making of the links" },
  import: { running: "Being imported", done: "Imported", noun: "import" },
  deliver: { running: "Being delivered", done: "Delivered", noun: "delivery" },
};

/** What the delivery of a rejected batch's error file is called, which comes after the batch's end. */
export const LATE_DELIVERY_WORDS: (typeof STAGE_WORDS)["deliver"] = {
  running: "The error file is being delivered",
  done: "Error file delivered",
  noun: "delivery of the error file",
};

export { BATCH_STATUS_WORDS as STATUS_WORDS } from "@inlet/contracts";

const SOURCE_WORDS: Readonly<Record<string, string>> = {
  gateway: "by SFTP",
  sftp: "from the client's own SFTP server",
  upload: "by upload",
  email: "by e-mail",
  pull: "by a pull",
};

export function sourceWords(source: string): string {
  return SOURCE_WORDS[source] ?? `from ${source}`;
}
