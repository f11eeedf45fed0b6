import type { DraftRow } from "@inlet/database";
import { notFound, Refusal } from "../requests/errors.ts";

/** How long a check of an ordinary file takes, about. */
const CHECK_SECONDS = 2;

export const noDraft = (id: number) =>
  notFound("draft_not_found", `There is no draft ${id}. GET /v1/drafts lists your own.`);

/** Why a draft's check cannot be used now. */
export function notChecked({ id, state, receivedBytes, sizeBytes, reason }: DraftRow): Refusal {
  switch (state) {
    case "uploading":
      return new Refusal(
        409,
        "draft_incomplete",
        `${receivedBytes} of ${sizeBytes} bytes of this file are here. Send the rest, then it is checked.`,
      );
    case "unreadable":
      return new Refusal(409, "draft_unreadable", reason?.message ?? "The file cannot be read.");
    case "submitted":
    case "discarded":
      return new Refusal(409, "draft_ended", `Draft ${id} is ${state}; begin a new one.`);
    default:
      return new Refusal(
        409,
        "draft_being_checked",
        "The file is being checked. Try again when that is done.",
        undefined,
        {
          retryAfterSeconds: CHECK_SECONDS,
        },
      );
  }
}
