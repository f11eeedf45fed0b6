import { type ArtifactKind, type BatchStatus, DEFAULT_DELIVERY, type Profile } from "@inlet/contracts";

type Handing = Pick<Profile, "links" | "delivery" | "email">;

/**
 * Which of a batch's stored files are for its client: its result, and where the profile wants it, its error file; each as it
 * is wrapped. A batch that was rejected has an error file alone to give.
 * @param status the batch's, as of its delivery
 * @param has which files the batch has; a file is made only where there is something to write
 */
export function handedOver(
  { links, delivery = DEFAULT_DELIVERY }: Handing,
  status: BatchStatus,
  has: (kind: ArtifactKind) => boolean,
): ArtifactKind[] {
  const isPlain = delivery.wrap.as === "plain";
  const kinds: ArtifactKind[] = [];
  if (links && status !== "rejected") kinds.push(isPlain ? "result" : "wrapped_result");
  if (delivery.errors && has("errors")) kinds.push(isPlain ? "errors" : "wrapped_errors");
  return kinds;
}

/** Whether files of so many bytes in all go back in the reply to the e-mail that the batch came by, and nowhere else. */
export function fitsReply({ email }: Handing, source: string, sizesBytes: readonly number[]): boolean {
  if (source !== "email" || email === undefined) return false;
  return sizesBytes.reduce((sum, each) => sum + each, 0) <= email.replyBytes;
}
