import { openSecrets } from "@inlet/connectors";
import { AppError } from "@inlet/contracts";

const MOST_CAUSES = 10;

/** Takes secrets out of texts for people. */
export type WithoutSecrets = (text: string) => string;

export function openWithoutSecrets(secrets: readonly string[]): WithoutSecrets {
  const known = openSecrets(async (secret) => secret);
  for (const secret of secrets) known.remember(secret);
  return known.conceal;
}

/** The same error without secrets in its words, its stack, its facts and its causes. It is changed in place. */
export function errorWithoutSecrets(error: unknown, clean: WithoutSecrets): Error {
  const whole = error instanceof Error ? error : new Error(String(error));
  let each: unknown = whole;
  for (let depth = 0; each instanceof Error && depth < MOST_CAUSES; depth += 1) {
    each.message = clean(each.message);
    if (each.stack !== undefined) each.stack = clean(each.stack);
    if (each instanceof AppError) cleanFacts(each.context as Record<string, unknown>, clean);
    each = each.cause;
  }
  return whole;
}

function cleanFacts(facts: Record<string, unknown>, clean: WithoutSecrets): void {
  for (const [name, fact] of Object.entries(facts)) {
    if (typeof fact === "string") facts[name] = clean(fact);
    else if (Array.isArray(fact)) facts[name] = fact.map((each) => (typeof each === "string" ? clean(each) : each));
  }
}
