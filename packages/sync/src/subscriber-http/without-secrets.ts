import { AppError } from "@inlet/contracts";

/** Shorter ones are no secrets that anybody could take out of a text again. */
const LEAST_CHARACTERS = 4;
const MOST_CAUSES = 10;

/** Takes secrets out of texts for people, in the forms that they come in: plain, in an address, in a header, in JSON. */
export type WithoutSecrets = (text: string) => string;

export function openWithoutSecrets(secrets: readonly string[]): WithoutSecrets {
  const forms = new Set(
    secrets
      .filter((secret) => secret.length >= LEAST_CHARACTERS)
      .flatMap((secret) => [
        secret,
        encodeURIComponent(secret),
        new URLSearchParams([["", secret]]).toString().slice(1),
        JSON.stringify(secret).slice(1, -1),
        Buffer.from(secret).toString("base64"),
      ]),
  );
  // The longest first: one may be a part of another.
  const ordered = [...forms].sort((a, b) => b.length - a.length);
  return (text) => ordered.reduce((cleaned, form) => cleaned.replaceAll(form, "***"), text);
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
