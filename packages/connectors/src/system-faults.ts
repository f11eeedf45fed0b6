import { AppError, Misconfigured, Unavailable } from "@inlet/contracts";
import { type HttpAnswer, isWorthRetrying } from "@inlet/remote-http";
import { BrokenAnswer } from "./broken-answer.ts";

interface Place {
  url: string;
  /** What was asked for: `page 3 of Items`. */
  what: string;
}

/** What of an address is named to people: keys and tokens stand in paths and queries at times. */
const originOf = (url: string): string => new URL(url).origin;

/** What a request that failed means for a pull. Faults that name what to do by themselves are passed on. */
export function requestFault({ what }: Place, error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  const { message, context: facts, cause } = error;
  const context = { ...facts, what };
  switch (error.code) {
    case "http_unreachable":
    case "http_timeout":
    case "http_paused":
      return new Unavailable({
        code: "system_unreachable",
        message: `${message} Asked for: ${what}. See whether the system runs and may be reached from here.`,
        context,
        cause,
      });
    case "http_broken":
      return new Unavailable({
        code: "system_answer_broken",
        message: `${message} Asked for: ${what}. See whether something on the way cuts answers off.`,
        context,
        cause,
      });
    case "http_too_large":
      return new Misconfigured({
        code: "system_answer_too_large",
        message: `${message} Asked for: ${what}. Lower \`pageSize\` in the profile.`,
        context,
      });
    default:
      return error;
  }
}

/**
 * What an answer that is no success means for a pull.
 * @param words the system's own, without secrets
 */
export function answerFault(
  { url, what }: Place,
  { status, headers }: HttpAnswer,
  words: string | undefined,
): AppError {
  const where = originOf(url);
  const said = words === undefined ? "" : ` It says: ${words.replace(/([^.!?])$/, "$1.")}`;
  const context = { what, status };
  if (status === 401) {
    return new Misconfigured({
      code: "system_access_denied",
      message: `${where} did not let us in (401) to ask for ${what}.${said} Check the user and the secret that the profile names.`,
      context,
    });
  }
  if (status === 403) {
    return new Misconfigured({
      code: "system_access_denied",
      message: `${where} does not let us read ${what} (403).${said} Have the user given the right to read it.`,
      context,
    });
  }
  if (status >= 300 && status < 400) {
    const target = URL.parse(headers.location ?? "", url)?.origin ?? "another address";
    return new Misconfigured({
      code: "system_moved",
      message: `${where} sends whoever asks for ${what} on to ${target} (${status}). Redirects to elsewhere are not followed: correct the address in the profile.`,
      context,
    });
  }
  if (isWorthRetrying(status)) {
    return new Unavailable({
      code: "system_unreachable",
      message: `${where} answers ${status} when asked for ${what}, again and again.${said} See how the system does.`,
      context,
    });
  }
  return new Misconfigured({
    code: "system_refused",
    message: `${where} refused to give ${what} (${status}).${said} Check the resource, its fields and its filter in the profile.`,
    context,
  });
}

/** The same, with what it was an answer to. */
export const brokenAnswerTo = (what: string, { message, offset }: BrokenAnswer): BrokenAnswer =>
  new BrokenAnswer(`${what}: ${message}`, offset);
