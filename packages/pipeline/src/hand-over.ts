import { type ArtifactKind, type BatchStatus, DEFAULT_DELIVERY, type Profile } from "@inlet/contracts";
import { wrapFor } from "./wrap-artifact.ts";

type Handing = Pick<Profile, "links" | "delivery" | "email" | "incoming">;

/**
 * Which of a batch's stored files are for its client: its result, and its error file where the profile wants that, or where
 * it was made for the answer to an e-mail; each as it is wrapped. A batch that was rejected has an error file alone to give.
 * @param batch its status as of its delivery, and where it came from
 * @param has which files the batch has; a file is made only where there is something to write
 */
export function handedOver(
  profile: Handing,
  { status, source }: { status: BatchStatus; source: string },
  has: (kind: ArtifactKind) => boolean,
): ArtifactKind[] {
  const { links, delivery = DEFAULT_DELIVERY } = profile;
  const isPlain = wrapFor(source, profile).as === "plain";
  const kinds: ArtifactKind[] = [];
  if (links && status !== "rejected") kinds.push(isPlain ? "result" : "wrapped_result");
  const isForReply = source === "email" && has("wrapped_errors");
  if ((delivery.errors && has("errors")) || isForReply) kinds.push(isPlain ? "errors" : "wrapped_errors");
  return kinds;
}

/** Whether files of so many bytes in all go back in the reply to the e-mail that the batch came by, and nowhere else. */
export function fitsReply({ email }: Handing, source: string, sizesBytes: readonly number[]): boolean {
  if (source !== "email" || email === undefined) return false;
  return sizesBytes.reduce((sum, each) => sum + each, 0) <= email.replyBytes;
}
