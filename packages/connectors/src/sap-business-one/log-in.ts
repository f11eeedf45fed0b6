import type { System } from "@inlet/contracts";
import { type HttpAnswer, type HttpRequest, sendWithRetries } from "@inlet/remote-http";
import { z } from "zod";
import { BrokenAnswer } from "../broken-answer.ts";
import type { ConnectorParts } from "../connector.ts";
import type { Conceal } from "../system-words.ts";
import { loginError, refusalOf } from "./refusal.ts";
import type { LoggedIn } from "./session.ts";

interface Login {
  system: Extract<System, { connector: "sap_business_one" }>;
  /** Of the Service Layer, without a slash behind it. */
  root: string;
  password: string;
  /** Takes secrets out of what SAP says. */
  conceal: Conceal;
}

// `SessionTimeout` is in minutes; 30 unless SAP's administrator sets another.
const answerSchema = z.object({
  SessionId: z.string().min(1),
  SessionTimeout: z.number().positive().default(30),
});

/**
 * Logs in. Not with the signal of whoever came first: the session is for all.
 * @throws what {@link loginError} makes of SAP's words, and what the network throws
 */
export async function logIn({ system, root, password, conceal }: Login, parts: ConnectorParts): Promise<LoggedIn> {
  const { company, username, timeoutSeconds } = system;
  const request: HttpRequest = {
    method: "POST",
    url: `${root}/Login`,
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify({ CompanyDB: company, UserName: username, Password: password }),
    timeoutMs: timeoutSeconds * 1000,
  };
  const answer = await sendWithRetries({ request: askOnce }, request, { policy: parts.retries, isIdempotent: true });
  if (answer.status !== 200) throw refused(answer);
  const said = answerSchema.safeParse(parsed(answer.body));
  // Something else is there, which answers everybody.
  if (!said.success) throw refused({ ...answer, status: 404 });
  const { SessionId: sessionId, SessionTimeout: minutes } = said.data;
  return { cookies: answer.cookies, sessionId, timeoutMs: minutes * 60_000 };

  /** What says that company, user or password are wrong is not tried again, even as a 500: users get locked by that. */
  async function askOnce(request: HttpRequest): Promise<HttpAnswer> {
    const answer = await parts.http.request(request);
    const error = answer.status >= 500 && refusalOf(answer.body, conceal) !== null ? refused(answer) : undefined;
    if (error !== undefined && !error.retryable) throw error;
    return answer;
  }
  function refused(answer: HttpAnswer) {
    const where = new URL(root).origin;
    return loginError(answer.status, refusalOf(answer.body, conceal), { where, company, username });
  }
}

function parsed(body: Buffer): unknown {
  const text = body.toString("utf8");
  try {
    return JSON.parse(text);
  } catch {
    if (/^\s*\{/.test(text)) throw new BrokenAnswer("the answer to the login is cut off", body.length);
    return null;
  }
}
