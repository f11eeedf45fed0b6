import { type AppError, Misconfigured, Unavailable } from "@inlet/contracts";
import { isWorthRetrying } from "@inlet/remote-http";
import { z } from "zod";
import type { Conceal } from "../system-words.ts";

/** An error as the Service Layer words it. */
export interface Refusal {
  /** SAP's number, as text. */
  code: string;
  message: string;
}

// v1: {error: {code: 301, message: {lang, value}}}; v2: {error: {code: "301", message, details: […]}}.
const bodySchema = z.object({
  error: z.object({
    code: z.union([z.string(), z.number()]).transform(String),
    message: z.union([z.string(), z.object({ value: z.string() }).transform(({ value }) => value)]),
  }),
});

const LONGEST_QUOTE = 300;

/**
 * What an answer says is wrong; null: it is not the Service Layer that speaks, but a gateway before it.
 * @param conceal takes secrets out of what is quoted
 */
export function refusalOf(body: Buffer, conceal: Conceal): Refusal | null {
  try {
    const { error } = bodySchema.parse(JSON.parse(body.toString("utf8")));
    const message = conceal(error.message).replaceAll(/\s+/g, " ").trim().slice(0, LONGEST_QUOTE);
    return { code: error.code, message };
  } catch {
    return null;
  }
}

/** 301: the session has ended, was ended, or is on another node than the load balancer asked. */
export const isSessionOver = (status: number, refusal: Refusal | null): boolean =>
  status === 401 || refusal?.code === "301";

/**
 * "Switch company error: -1102": a session met another company's, or another request of its own, inside the Service Layer. With a
 * session of its own the same request goes well.
 */
export const isSessionMuddled = (refusal: Refusal | null): boolean =>
  refusal?.code === "305" && refusal.message.includes("-1102");

interface Login {
  /** For messages. */
  where: string;
  company: string;
  username: string;
}

/** Why nobody gets in. Numbers and words as they are met with in the field: SAP documents neither. */
export function loginError(status: number, refusal: Refusal | null, login: Login): AppError {
  const { where, company, username } = login;
  const said = quoted(refusal);
  const context = { status, ...(refusal && { sapCode: refusal.code }) };
  const misconfigured = (code: string, message: string) =>
    new Misconfigured({ code, message: `${message}${said}`, context });
  if (refusal === null || isSessionMuddled(refusal)) {
    if (isWorthRetrying(status) || refusal !== null) return unavailable(where, status, said, context);
    return misconfigured(
      "system_not_found",
      `${where} answers ${status}, but not as a Service Layer does. Correct the profile's \`system.url\`: it ends in /b1s/v1 or /b1s/v2.`,
    );
  }
  const { code, message } = refusal;
  if (code === "100000055" || /\block(ed)?\b/i.test(message))
    return misconfigured(
      "system_user_locked",
      `SAP has locked the user ${username}. Have an administrator of SAP Business One unlock it, then check its password.`,
    );
  if (/password.*(expired|must be changed|change)|expired.*password/i.test(message))
    return misconfigured(
      "system_password_expired",
      `The password of the user ${username} has expired. Set a new one in SAP Business One and store it as the client's secret.`,
    );
  if (/licen[cs]e/i.test(message))
    return misconfigured(
      "system_licence_missing",
      `SAP has no licence for the user ${username}, or no free one. Assign it one in SAP's licence administration.`,
    );
  if (
    code === "100000027" ||
    code === "-4008" ||
    /login failed|(user ?name|user code|password).*(wrong|invalid|incorrect)|(wrong|invalid|incorrect).*(user|password)/i.test(
      message,
    )
  )
    return misconfigured(
      "system_login_refused",
      `SAP refuses the user ${username} or its password. Correct the profile's \`system.username\`, or store the right password as the client's secret.`,
    );
  if (code === "-304" || code === "305" || /company|\bSLD\b|database/i.test(message))
    return misconfigured(
      "system_company_unknown",
      `The Service Layer does not let the user ${username} into the company ${company}. Check \`system.company\` (the name of its database, as SAP writes it) and \`system.username\` in the profile.`,
    );
  if (isWorthRetrying(status)) return unavailable(where, status, said, context);
  return misconfigured(
    "system_login_refused",
    `SAP does not let the user ${username} in. Check company, user and password.`,
  );
}

interface Question {
  where: string;
  resource: string;
  username: string;
}

/** Why something is not told. */
export function readingError(
  status: number,
  refusal: Refusal | null,
  { where, resource, username }: Question,
): AppError {
  const said = quoted(refusal);
  const context = { status, resource, ...(refusal && { sapCode: refusal.code }) };
  const misconfigured = (code: string, message: string) =>
    new Misconfigured({ code, message: `${message}${said}`, context });
  const message = refusal?.message ?? "";
  if (/licen[cs]e/i.test(message))
    return misconfigured(
      "system_licence_missing",
      `The licence of the user ${username} does not cover ${resource}. Assign it one that does in SAP's licence administration.`,
    );
  if (status === 403 || /not (permitted|authori[sz]ed|allowed)|no (permission|authori[sz]ation)/i.test(message))
    return misconfigured(
      "system_not_permitted",
      `The user ${username} may not read ${resource}. Give it the authorisation in SAP Business One (Administration, System Initialization, Authorizations).`,
    );
  if (
    /unrecognized resource path|invalid entityset|service not found/i.test(message) ||
    (status === 404 && refusal?.code !== "-2028")
  )
    return misconfigured(
      "system_resource_unknown",
      `The Service Layer has no ${resource}. Correct the pull's \`resource\`: capital and small letters count, and user tables begin with U_.`,
    );
  if (/propert(y|ies)\b.*\b(invalid|not found|unknown)|invalid.*propert/i.test(message))
    return misconfigured(
      "system_field_unknown",
      `${resource} has no such field. Correct the pull's \`fields\`, \`filter\` or \`incremental.by\`.`,
    );
  if (status === 414 || status === 431)
    return misconfigured(
      "system_question_refused",
      `The question is too long for ${where}. Shorten the pull's \`filter\`.`,
    );
  if (isWorthRetrying(status) || isSessionMuddled(refusal)) return unavailable(where, status, said, context);
  return misconfigured(
    "system_question_refused",
    `The Service Layer does not take the question for ${resource}: ${status}. Check the pull's \`filter\`.`,
  );
}

const unavailable = (where: string, status: number, said: string, context: Record<string, unknown>) =>
  new Unavailable({
    code: status === 429 ? "system_busy" : "system_failed",
    message: `${where} answers ${status}${status === 429 ? ": too many requests" : ""}. If it stays so, have SAP's administrator look at the Service Layer.${said}`,
    context,
  });

function quoted(refusal: Refusal | null): string {
  if (refusal === null || refusal.message === "") return "";
  return ` SAP says: ${refusal.message.replace(/\.$/, "")} (${refusal.code}).`;
}
