import { type Issue, Misconfigured, type Rule, type Severity } from "@inlet/contracts";
import { unescapeCell } from "../canonical/canonical.ts";
import type { ColumnPlan } from "../cells/column-plan.ts";
import type { CellSpans } from "../keys/unique-rule.ts";

/**
 * A record as a hook sees it: each column of the table with its value, null where the cell is empty. Values are canonical:
 * dates as `yyyy-MM-dd`, timestamps in UTC as `yyyy-MM-dd HH:mm:ss+00`, numbers with a dot, booleans as `t` or `f`.
 * It is read-only, and good until the hook returns; a copy (`{ ...row }`) stays good.
 */
export type HookRow = Readonly<Record<string, string | null>>;

/** Where a record stands in the file. */
export interface HookPlace {
  /** From 1, header and title lines not counted. */
  record: number;
  /** Physical line on which it begins, from 1. */
  line: number;
}

/** What a hook has to say against a record. */
export interface HookFinding {
  /** One sentence for the client; without it the rule's own `message` is shown. */
  message?: string;
  /** The column that is meant, where it is one. */
  column?: string;
  /** A replacement for the column's value that is certain to be right. */
  fix?: string;
}

/**
 * A rule that a platform team writes itself. It is called for every record whose cells are all readable, perhaps more than
 * once, and must answer the same each time: no promise, no clock, no memory of other records.
 * @returns nothing where the record is good.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that finds nothing need not say so.
export type Hook = (row: HookRow, place: HookPlace) => HookFinding | readonly HookFinding[] | null | undefined | void;

/** Hooks by the names that profiles give. */
export type Hooks = Readonly<Record<string, Hook>>;

/** A rule of Inlet's own about single records, in the form of a hook. Its code is one of Inlet's. */
export interface OwnRule {
  code: "link_withheld";
  severity: Severity;
  hook: Hook;
}

type Named = Pick<Extract<Rule, { rule: "hook" }>, "name" | "severity" | "message">;

/** A rule of a table with the hook that it names, or one of Inlet's own. */
export class HookRule {
  readonly code: `hook_${string}` | OwnRule["code"];
  readonly severity: Severity;
  readonly #rule: Named;
  readonly #hook: Hook;
  readonly #columns: ReadonlySet<string>;

  constructor(rule: Named, hook: Hook, columns: Iterable<string>, code: HookRule["code"] = `hook_${rule.name}`) {
    this.code = code;
    this.severity = rule.severity;
    this.#rule = rule;
    this.#hook = hook;
    this.#columns = new Set(columns);
  }

  /** @throws Misconfigured `hook_failed` when the hook throws, or answers what is no finding. */
  look(row: HookRow, place: HookPlace): readonly (Pick<Issue, "message" | "fix"> & { column: string | null })[] {
    let answer: unknown;
    try {
      answer = this.#hook(row, place);
    } catch (cause) {
      throw this.#failure(place, `threw ${describe(cause)}`, cause);
    }
    if (answer === undefined || answer === null) return NOTHING;
    const findings: readonly unknown[] = Array.isArray(answer) ? answer : [answer];
    return findings.map((finding) => this.#finding(finding, place));
  }

  #finding(finding: unknown, place: HookPlace) {
    if (typeof finding !== "object" || finding === null) throw this.#failure(place, "did not answer with findings");
    if (finding instanceof Promise) {
      // Its own failure is of no interest any more.
      finding.catch(() => {});
      throw this.#failure(place, "answered with a promise, but has to answer at once");
    }
    const { message, column, fix } = finding as Record<keyof HookFinding, unknown>;
    const sentence = message ?? this.#rule.message ?? `The record breaks the rule ${this.#rule.name}.`;
    if (typeof sentence !== "string") throw this.#failure(place, "answered with a message that is no text");
    if (column !== undefined && !(typeof column === "string" && this.#columns.has(column))) {
      throw this.#failure(place, `named the column ${String(column)}, which the table does not have`);
    }
    return { message: sentence, column: column ?? null, fix: typeof fix === "string" ? fix : null };
  }

  #failure({ record, line }: HookPlace, what: string, cause?: unknown): Misconfigured {
    return new Misconfigured({
      code: "hook_failed",
      message: `The hook ${this.#rule.name} ${what} at record ${record} (line ${line}). Mend the module of rules, then retry.`,
      context: { hook: this.#rule.name, record, line },
      cause,
    });
  }
}

const NOTHING = [] as const;

function describe(cause: unknown): string {
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** Shows canonical records to hooks, one after the other, in one object. A value is decoded when it is asked for. */
export class RowView {
  readonly row: HookRow;
  readonly #plans: readonly ColumnPlan[];
  readonly #values: (string | null | undefined)[];
  #out: Buffer | undefined;
  #cells: CellSpans | undefined;

  constructor(plans: readonly ColumnPlan[]) {
    this.#plans = plans;
    this.#values = plans.map(() => undefined);
    const row: Record<string, string | null> = Object.create(null);
    plans.forEach((plan, at) => {
      Object.defineProperty(row, plan.column.name, { enumerable: true, get: () => this.#value(at) });
    });
    this.row = Object.freeze(row);
  }

  /** Shows another record to `look`, for as long as that runs. */
  show<T>(out: Buffer, cells: CellSpans, look: (row: HookRow) => T): T {
    this.#out = out;
    this.#cells = cells;
    this.#values.fill(undefined);
    try {
      return look(this.row);
    } finally {
      this.#out = undefined;
    }
  }

  #value(at: number): string | null {
    const known = this.#values[at];
    if (this.#out === undefined) throw new Error("a row can be read only until its hook returns; copy what is kept");
    if (known !== undefined) return known;
    const { index } = this.#plans[at]!;
    const { starts, ends } = this.#cells!;
    const value = unescapeCell(this.#out.toString("utf8", starts[index]!, ends[index]!));
    this.#values[at] = value;
    return value;
  }
}
