import { display } from "./display.ts";

/** How mail programs of several languages mark an answer. */
const ANSWER_MARKS = /^(?:(?:re|aw|sv|vs|antw|odp|rif)\s*(?:\[\d+\])?\s*:\s*)+/i;

/**
 * The subject of an answer: `Re:` and, once, the subject that it answers, as one line of at most some 120 characters.
 * @param without what is said of an e-mail that has no subject
 */
export function replySubject(answered: string, without: string): string {
  const subject = display(answered, 500).replace(ANSWER_MARKS, "");
  return `Re: ${display(subject, 116) || without}`;
}

/** RFC 5322, 3.6.4, as far as it fits into one line: no white space, nothing but ASCII. */
const MESSAGE_ID = /^<[\x21-\x3b\x3d\x3f-\x7e]{1,240}>$/;

/** The Message-ID of what is answered; undefined for one that is none, which goes into no header. */
export function answeredId(messageId: string | null): string | undefined {
  const id = messageId?.trim() ?? "";
  return MESSAGE_ID.test(id) ? id : undefined;
}
