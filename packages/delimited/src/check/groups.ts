import { Unavailable } from "@inlet/contracts";
import { isNull } from "../canonical/null.ts";
import type { ColumnPlan } from "../cells/column-plan.ts";
import { KeyHash } from "../keys/key-hash.ts";
import { KeySet } from "../keys/key-set.ts";
import type { CellSpans } from "../keys/unique-rule.ts";

/**
 * The rows of one entity stand or fall together. A first reading collects the groups that have a faulty record; in the
 * second, `isFinal`, their good records fall with them. Groups are kept as keyed 64-bit hashes: with a million groups of
 * each kind, the chance that a sound one is taken for a faulty one is 1 in 10 million, and it then appears in the report.
 * A record whose group cell is empty stands alone.
 */
export class GroupRule {
  readonly plan: ColumnPlan;
  readonly #hash = new KeyHash();
  readonly #faulty = new KeySet();
  isFinal = false;

  constructor(plan: ColumnPlan) {
    this.plan = plan;
  }

  /**
   * Takes a record's own verdict; returns false when its group makes it fall.
   * @throws Unavailable (retry) when a record is faulty that was good in the first reading: what it refers to has changed
   * in between, and the others of its group may have been let through.
   */
  judge(out: Buffer, cells: CellSpans, isGood: boolean): boolean {
    const start = cells.starts[this.plan.index]!;
    const end = cells.ends[this.plan.index]!;
    if (start < 0 || isNull(out, start, end)) return true;
    this.#hash.begin();
    this.#hash.update(out, start, end);
    this.#hash.finish();
    const { h1, h2 } = this.#hash;
    if (!this.isFinal) {
      if (!isGood) this.#faulty.add(h1, h2, 1);
      return true;
    }
    if (this.#faulty.has(h1, h2)) return !isGood;
    if (isGood) return true;
    throw new Unavailable({
      code: "group_changed",
      message: "A record was judged otherwise in the second reading than in the first; the check has to be repeated.",
    });
  }
}
