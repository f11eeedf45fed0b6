import { Misconfigured } from "@inlet/contracts";
import type { Incoming, ItemState, Loss, Merged, Register, Stamp } from "./item.ts";
import { ownValue } from "./own-value.ts";
import type { FieldRule, MergeRules } from "./rules.ts";

/** An item that nobody has said anything of. */
export const NO_ITEM: ItemState = { fields: {}, put: null, removed: null };

/**
 * Merges what somebody says of an item into what is known of it. Each field is a register of its own: the newest value stays;
 * of two of the same millisecond the greater one, by its characters. So the same words come to the same item in whatever order
 * and however often they come. A removal takes away what was said before it, and what is said after it brings the item back.
 *
 * What an origin may not say, because a rule `source` names another, is not taken once that one has said something, and gives way when
 * it does. The default rule holds for whether the item is
 * there, too: what others say of fields of their own waits until its source says that it is.
 * @throws Misconfigured `conflict_function_failed`
 */
export function mergeItem(current: ItemState | undefined, incoming: Incoming, rules: MergeRules): Merged {
  const before = current ?? NO_ITEM;
  const { state, losses } =
    incoming.operation === "put" ? put(before, incoming, rules) : remove(before, incoming, rules);
  const operation = isLive(state) ? "put" : "remove";
  const changed = isLive(before) ? changedFields(before, state, rules) : [...rules.fields];
  const isSeen = operation === "remove" ? isLive(before) : !isLive(before) || changed.length > 0;
  return {
    state,
    operation: isSeen ? operation : null,
    changed: isSeen && operation === "put" ? changed : [],
    losses,
    isStored: state !== before,
  };
}

/** Whether the item is there. */
export function isLive({ put, removed }: ItemState): boolean {
  return put !== null && (removed === null || put.atMs >= removed.atMs);
}

/** What a field of an item that is there holds: what was said before the last removal is gone. */
export function fieldValue({ fields, removed }: ItemState, name: string): string | null {
  const register = ownValue(fields, name);
  if (register === undefined || (removed !== null && register.atMs < removed.atMs)) return null;
  return register.value;
}

/** When an item last changed: the newest of its stamps. */
export function changedAtMs({ fields, put, removed }: ItemState): number {
  return Math.max(put?.atMs ?? 0, removed?.atMs ?? 0, ...Object.values(fields).map(({ atMs }) => atMs));
}

type Put = Extract<Incoming, { operation: "put" }>;
type Outcome = Pick<Merged, "state" | "losses">;

function put(before: ItemState, incoming: Put, rules: MergeRules): Outcome {
  const { atMs, origin, values } = incoming;
  const losses: Loss[] = [];
  const fields: Record<string, Register> = { ...before.fields };
  let isMoved = false;
  for (const name of rules.fields) {
    const value = ownValue(values, name);
    if (value === undefined) continue;
    const rule = rules.ruleOf.get(name)!;
    const mine: Register = { atMs, origin, value };
    const known = ownValue(before.fields, name);
    if (!isTakenFrom(origin, rule) && isSaidBySource(known, rule)) {
      if (value !== fieldValue(before, name)) losses.push(lossOf(name, mine, known, "source"));
      continue;
    }
    const kept = known === undefined ? mine : settle(known, mine, name, rule);
    if (kept.value !== value && !isSuperseded(before, mine)) losses.push(lossOf(name, mine, kept, rule.rule));
    if (known !== undefined && isSame(kept, known)) continue;
    fields[name] = kept;
    isMoved = true;
  }
  // Who owns some fields only says nothing of whether the item is there, as he may not remove it either.
  const stamp = isTakenFrom(origin, rules.default) ? later(before.put, { atMs, origin }) : before.put;
  if (!isMoved && stamp === before.put) return { state: before, losses };
  return { state: { ...before, fields, put: stamp }, losses };
}

function remove(before: ItemState, { atMs, origin }: Incoming, rules: MergeRules): Outcome {
  const loss = (rule: Loss["rule"]): Loss => ({
    field: null,
    value: null,
    atMs,
    origin,
    kept: null,
    keptOrigin: before.put?.origin ?? null,
    rule,
  });
  if (!isTakenFrom(origin, rules.default)) {
    return { state: before, losses: isLive(before) ? [loss("source")] : [] };
  }
  const removed = later(before.removed, { atMs, origin });
  const state = removed === before.removed ? before : { ...before, removed };
  return { state, losses: isLive(state) ? [loss("newest")] : [] };
}

/** Until its source has said something of a field, what others say stands: an item is not made without it. */
const isSaidBySource = (known: Register | undefined, rule: FieldRule) =>
  rule.rule === "source" && known?.origin === rule.origin;

const isTakenFrom = (origin: string, rule: FieldRule) => rule.rule !== "source" || rule.origin === origin;

/** Which of two registers stays. A rule `source` prefers its origin's to whatever others say. */
function settle(one: Register, other: Register, field: string, rule: FieldRule): Register {
  if (rule.rule === "source" && (one.origin === rule.origin) !== (other.origin === rule.origin))
    return one.origin === rule.origin ? one : other;
  const [older, newer] = isAfter(one, other) ? [other, one] : [one, other];
  if (rule.rule !== "function" || older.value === newer.value) return newer;
  const value = decided(rule, older, newer, field);
  return { value, atMs: newer.atMs, origin: value === older.value ? older.origin : newer.origin };
}

function decided(rule: Extract<FieldRule, { rule: "function" }>, older: Register, newer: Register, field: string) {
  let value: unknown;
  try {
    value = rule.decide({ ...older }, { ...newer }, field);
  } catch (cause) {
    throw failed(rule.name, field, `it threw: ${(cause as Error).message}`, cause);
  }
  if (value === null || typeof value === "string") return value;
  throw failed(rule.name, field, `it gave ${typeof value} instead of a text or null`);
}

const failed = (name: string, field: string, why: string, cause?: unknown) =>
  new Misconfigured({
    code: "conflict_function_failed",
    message: `The conflict function ${name} could not settle the field ${field}: ${why}. Mend it in the module of INLET_CONFLICTS_MODULE.`,
    context: { name, field },
    cause,
  });

/** A total order, so that it does not matter which one comes first. */
function isAfter(one: Register, other: Register): boolean {
  if (one.atMs !== other.atMs) return one.atMs > other.atMs;
  if (one.value !== other.value) return other.value === null || (one.value !== null && one.value > other.value);
  return one.origin > other.origin;
}

/** The later of two stamps; the same one again where it stays. */
function later(known: Stamp | null, { atMs, origin }: Stamp): Stamp {
  if (known === null || atMs > known.atMs || (atMs === known.atMs && origin > known.origin)) return { atMs, origin };
  return known;
}

const isSame = (one: Register, other: Register) =>
  one.atMs === other.atMs && one.value === other.value && one.origin === other.origin;

/** What was said before the item was removed has lost to that alone, which the history tells already. */
const isSuperseded = ({ removed }: ItemState, { atMs }: Register) => removed !== null && atMs < removed.atMs;

function changedFields(before: ItemState, after: ItemState, { fields }: MergeRules): string[] {
  return fields.filter((name) => fieldValue(before, name) !== fieldValue(after, name));
}

const lossOf = (field: string, lost: Register, kept: Register | undefined, rule: Loss["rule"]): Loss => ({
  field,
  value: lost.value,
  atMs: lost.atMs,
  origin: lost.origin,
  kept: kept?.value ?? null,
  keptOrigin: kept?.origin ?? null,
  rule,
});
