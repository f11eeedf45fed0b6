import { NewCells } from "../returned/with-columns-cells.ts";
import type { ScanPlan } from "../scan/dialect.ts";

/** More than the cells that are added to a record take. */
const ADDED_BYTES = 64 * 1024;

/** How a result file is scanned that `withColumns` made of a plain file, given the labels that were added. */
export function resultPlan(plan: ScanPlan, addedLabels: readonly string[]): ScanPlan {
  const { header, data, limits, dialect } = plan;
  const wider = {
    ...limits,
    recordBytes: limits.recordBytes + ADDED_BYTES,
    columns: limits.columns + addedLabels.length,
  };
  const labels = [...header.labels, ...addedLabels];
  if (header.records === 0) return { ...plan, limits: wider, header: { ...header, labels } };
  const cells = new NewCells(dialect);
  const addedBytes = addedLabels.reduce(
    (sum, label) => sum + Buffer.byteLength(dialect.delimiter) + cells.label(label).length,
    0,
  );
  return {
    dialect,
    limits: wider,
    header: { ...header, end: header.end + addedBytes, labels },
    data: { ...data, offset: data.offset + addedBytes },
  };
}
