import { describe, expect, it } from "vitest";
import { COLUMN_PX, layColumns, ROW_PX, scaleOf } from "./geometry.ts";

describe("where a row stands in the scrolled space", () => {
  it("is its own height for files of usual length", () => {
    const scale = scaleOf({ rowCount: 100_000, bodyPx: 600 });
    expect(scale).toMatchObject({ isWhole: true, wholePx: 100_000 * ROW_PX });
    expect(scale.toRow(scale.toPx(71_234))).toBe(71_234);
  });

  it.each([1_000_000, 50_000_000])("reaches every one of %d rows in a space that browsers can lay out", (rowCount) => {
    const bodyPx = 600;
    const scale = scaleOf({ rowCount, bodyPx });
    expect(scale.isWhole).toBe(false);
    expect(scale.wholePx).toBeLessThan(17_000_000);
    expect(scale.toRow(0)).toBe(0);
    expect(scale.toRow(scale.wholePx - bodyPx)).toBeCloseTo(rowCount - bodyPx / ROW_PX, 3);
    expect(scale.toRow(scale.toPx(rowCount / 3))).toBeCloseTo(rowCount / 3, 3);
  });

  it("stands still where all rows are seen", () => {
    const scale = scaleOf({ rowCount: 3, bodyPx: 600 });
    expect(scale.toRow(0)).toBe(0);
    expect(scale.wholePx).toBe(3 * ROW_PX);
  });
});

describe("which columns are seen", () => {
  it("are those under the window, and one more for the part of a column", () => {
    expect(layColumns({ left: COLUMN_PX * 10 + 5, width: COLUMN_PX * 4, count: 10_000 })).toEqual({
      from: 10,
      count: 5,
    });
  });

  it("end with the last one", () => {
    expect(layColumns({ left: COLUMN_PX * 9, width: COLUMN_PX * 4, count: 10 })).toEqual({ from: 9, count: 1 });
  });
});
