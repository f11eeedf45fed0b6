import { InvariantBroken, type Rule, type Severity } from "@inlet/contracts";
import { unescapeCell } from "../canonical/canonical.ts";
import { isNull } from "../canonical/null.ts";
import type { ColumnPlan } from "../cells/column-plan.ts";
import type { CellSpans } from "../keys/unique-rule.ts";
import { labelsOf, type RecordRule } from "./record-rule.ts";

type Reference = Extract<Rule, { rule: "references" }>;

/** A question about the rows of another table. */
export interface ReferenceQuestion {
  table: string;
  /** The other table's columns. */
  columns: readonly string[];
  /** One list per column, all of one length: the keys, each once, as canonical text. None of their cells is empty. */
  keys: readonly (readonly string[])[];
}

/**
 * Tells which keys are those of a row: an answer per key, in their order; or, when there is no such table or column, one
 * sentence that says so. Asked once per block of records, one question at a time, with at most some thousand keys.
 */
export type ReferenceLookUp = (question: ReferenceQuestion) => Promise<readonly boolean[] | { missing: string }>;

/** Keys whose answer is remembered: some 50 MB at most, whatever their length. */
const MOST_KEYS = 200_000;
const MOST_CHARACTERS = 10_000_000;
/** Parts the cells of a compound key. A canonical cell holds no tab. */
const BETWEEN = "\t";

/**
 * The values of some columns are those of a row of another table. Before a block of records is checked its keys are
 * collected, each once, and those that are not known yet are looked up together.
 */
export class ReferenceRule implements RecordRule {
  readonly code = "reference_unknown";
  readonly severity: Severity;
  readonly plans: readonly ColumnPlan[];
  readonly rule: Reference;
  readonly #lookUp: ReferenceLookUp;
  readonly #answers = new Map<string, boolean>();
  #characters = 0;
  /** The block's keys that have no answer yet. */
  readonly #asked = new Set<string>();
  /** Why nothing can be looked up: the other table is not there. */
  missing: string | undefined;

  constructor(rule: Reference, plans: readonly ColumnPlan[], lookUp: ReferenceLookUp) {
    this.rule = rule;
    this.severity = rule.severity;
    this.plans = plans;
    this.#lookUp = lookUp;
  }

  /** Forgets answers where they have become many; call it before a block. */
  begin(): void {
    if (this.#answers.size <= MOST_KEYS && this.#characters <= MOST_CHARACTERS) return;
    this.#answers.clear();
    this.#characters = 0;
  }

  /** Notes the key of a record that is going to be checked. */
  note(out: Buffer, cells: CellSpans): void {
    const key = this.#keyOf(out, cells);
    if (key !== undefined && !this.#answers.has(key)) this.#asked.add(key);
  }

  /** Looks up what was noted. */
  async answer(): Promise<void> {
    if (this.#asked.size === 0 || this.missing !== undefined) return;
    const asked = [...this.#asked];
    this.#asked.clear();
    const cells = asked.map((key) => key.split(BETWEEN).map((cell) => unescapeCell(cell)!));
    const answer = await this.#lookUp({
      table: this.rule.table,
      columns: this.rule.to ?? this.rule.columns,
      keys: this.plans.map((_, column) => cells.map((key) => key[column]!)),
    });
    if ("missing" in answer) {
      this.missing = answer.missing;
      return;
    }
    if (answer.length !== asked.length) {
      throw new InvariantBroken({
        code: "reference_answers",
        message: `${asked.length} keys of ${this.rule.table} were asked for, but ${answer.length} answers came.`,
      });
    }
    asked.forEach((key, index) => {
      this.#answers.set(key, answer[index]!);
      this.#characters += key.length;
    });
  }

  holds(out: Buffer, cells: CellSpans): boolean {
    if (this.missing !== undefined) return true;
    const key = this.#keyOf(out, cells);
    if (key === undefined) return true;
    const answer = this.#answers.get(key);
    if (answer !== undefined) return answer;
    throw new InvariantBroken({
      code: "reference_not_asked",
      message: `A key of ${this.rule.table} was not looked up before its record was checked.`,
    });
  }

  explain(): string {
    const { message, table } = this.rule;
    return (
      message ??
      `${labelsOf(this.plans)}: there is no such row in the table ${table}; correct it, or send ${table} first.`
    );
  }

  #keyOf(out: Buffer, { starts, ends }: CellSpans): string | undefined {
    let key = "";
    for (const { index } of this.plans) {
      const start = starts[index]!;
      if (start < 0) return undefined;
      const end = ends[index]!;
      if (isNull(out, start, end)) return undefined;
      const text = out.toString("utf8", start, end);
      key = key === "" ? text : `${key}${BETWEEN}${text}`;
    }
    return key;
  }
}
