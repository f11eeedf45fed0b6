import type { Report } from "@inlet/delimited";
import type { StepWork } from "@inlet/pipeline";
import type { Plain } from "@inlet/structural-check";

/** Where the products of a check go, but for the error file. */
interface ProductSinks {
  canonical: (chunk: Buffer) => Promise<void>;
  index: (chunk: Buffer) => Promise<void>;
  rejected: (chunk: Buffer) => Promise<void>;
}

/** What is checked for a batch: the file that was sent, or the one that it corrects with what was sent merged into it. */
export interface Subject {
  plain: Plain;
  /** As what it is checked: a correction under the name of the file that it corrects, and by what was declared for that. */
  work: StepWork;
  /** Where the check is to write, for the products to go to `sinks`. */
  through(sinks: ProductSinks): Pick<ProductSinks, keyof ProductSinks>;
  /** Judges what the check found; called once, after it. */
  judge(report: Report): Promise<Report>;
  /** What later stages need to know of a correction. */
  correction: { corrects: number; fileName: string } | null;
}

/** The file as it was sent. */
export function asSent(plain: Plain, work: StepWork): Subject {
  return { plain, work, through: (sinks) => sinks, judge: async (report) => report, correction: null };
}
