import { setTimeout as pause } from "node:timers/promises";

/**
 * One thing that the mailbox does differently, so that tests can see a sender through bad days. `stored` is the moment
 * after a mail was stored and before the sender is told so: what fails there arrives twice.
 */
export type Rule = {
  stage: "connect" | "recipient" | "data" | "stored";
  /** Only for addresses that contain this; without, for all. For `data` and `stored`: when any recipient does. */
  recipient?: string;
  delayMs?: number;
  /** An SMTP answer: 4xx means come back later, 5xx never. Without, it only delays. */
  code?: number;
  message?: string;
  /** How often it applies; without, always. */
  times?: number;
};

/** An answer that smtp-server gives to the sender. */
export class SmtpRefusal extends Error {
  readonly responseCode: number;
  constructor(code: number, message: string) {
    super(message);
    this.responseCode = code;
  }
}

/** The rules in force; they begin empty. */
export class Behaviour {
  #rules: Rule[] = [];

  get rules(): readonly Rule[] {
    return this.#rules;
  }

  /** @throws {TypeError} naming the first rule that is none */
  replace(rules: unknown): void {
    if (!Array.isArray(rules)) throw new TypeError("rules: a list is expected");
    this.#rules = rules.map(parseRule);
  }

  /** @throws {SmtpRefusal} when a rule refuses here */
  async apply(stage: Rule["stage"], recipients: readonly string[] = []): Promise<void> {
    for (const rule of this.#rules) {
      const { recipient, delayMs = 0, code, message = "refused by a rule of the mailbox" } = rule;
      if (rule.stage !== stage || rule.times === 0) continue;
      if (recipient !== undefined && !recipients.some((address) => address.includes(recipient))) continue;
      if (rule.times !== undefined) rule.times -= 1;
      if (delayMs > 0) await pause(delayMs);
      if (code !== undefined) throw new SmtpRefusal(code, message);
    }
  }
}

function parseRule(rule: Partial<Rule>, index: number): Rule {
  const fail = (problem: string) => {
    throw new TypeError(`rules[${index}]: ${problem}`);
  };
  if (!["connect", "recipient", "data", "stored"].includes(rule?.stage ?? ""))
    fail("stage is none of connect, recipient, data, stored");
  for (const name of ["delayMs", "code", "times"] as const)
    if (rule[name] !== undefined && !Number.isInteger(rule[name])) fail(`${name} is not a whole number`);
  if (rule.code !== undefined && (rule.code < 400 || rule.code > 599)) fail("code is not between 400 and 599");
  for (const name of ["recipient", "message"] as const)
    if (rule[name] !== undefined && typeof rule[name] !== "string") fail(`${name} is not a text`);
  return { ...(rule as Rule) };
}
