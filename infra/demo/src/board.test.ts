import { expect, test } from "vitest";
import { drawBoard, outcomeWords, type Track } from "./board.ts";
import { width } from "./paint.ts";

const paint = (_style: unknown, text: string) => text;

function buildTrack(overrides: Partial<Track> = {}): Track {
  return {
    client: "meadow",
    title: "Spring campaign",
    fileName: "spring.csv",
    sizeBytes: 2_300,
    uploaded: 1,
    plan: ["validate", "personalise", "import", "deliver"],
    stages: {},
    status: undefined,
    attempts: 0,
    ...{ records: null, rejected: null, imported: null, links: null },
    issueCount: 0,
    ...overrides,
  };
}

const draw = (tracks: Track[], columns = 120) => drawBoard(tracks, { paint, columns, frame: 0 });

test("each stage stands under its label", () => {
  const [head = "", line = ""] = draw([
    buildTrack({
      status: "running",
      stages: { validate: "done", personalise: "running", import: "waiting" },
      records: 24,
    }),
  ]);
  const under = (label: string) => line.slice(head.indexOf(label), head.indexOf(label) + label.length).trim();
  expect(under("upload")).toBe("✔");
  expect(under("check")).toBe("✔");
  expect(under("links")).toBe("⠋");
  expect(under("import")).toBe("·");
  expect(under("delivery")).toBe("·");
  expect(line).toMatch(/24 records$/);
});

test("a project without links has no such stages", () => {
  const [head = "", line = ""] = draw([
    buildTrack({
      plan: ["validate", "import"],
      stages: { validate: "done", import: "done" },
      status: "completed",
      imported: 8,
    }),
  ]);
  expect(line.slice(head.indexOf("links"), head.indexOf("links") + 5).trim()).toBe("");
  expect(line).toContain("completed  8 imported");
});

test("the stage where a rejected file ends is crossed", () => {
  const [, line] = draw([
    buildTrack({ status: "rejected", stages: { validate: "done" }, records: 21, rejected: 8, issueCount: 9 }),
  ]);
  expect(line).toContain("✖");
  expect(line).toContain("rejected  9 findings");
});

test("a large upload shows how far it is, a small one does not flicker", () => {
  expect(draw([buildTrack({ uploaded: 0.42, sizeBytes: 50_000_000 })])[1]).toContain("42 %");
  expect(draw([buildTrack({ uploaded: 0.42, sizeBytes: 5_000 })])[1]).not.toContain("%");
});

test.each([40, 60, 80, 111, 112, 200])("no line is wider than a terminal of %d columns", (columns) => {
  const long = `${"a_very_long_name_of_an_export_".repeat(5)}.csv`;
  const lines = draw(
    [
      buildTrack({ fileName: long, title: "A campaign with a title that goes on and on and on and on" }),
      buildTrack({
        fileName: "顧客名簿二〇二六年十一月.csv",
        status: "partial",
        imported: 1_234_567,
        links: 1_234_567,
        rejected: 89,
      }),
      buildTrack({
        client: "harbour",
        title: "Iris 1012",
        fileName: "store.tsv",
        status: "completed",
        imported: 123_456_789,
      }),
    ],
    columns,
  );
  for (const line of lines) expect(width(line), line).toBeLessThanOrEqual(columns);
});

test("a name cannot steer the terminal", () => {
  expect(draw([buildTrack({ fileName: "\u001b[2Jx\r\n.csv" })]).join("\n")).not.toMatch(/[\u001b\r]/);
});

test("a partial import says what was left out", () => {
  const words = outcomeWords(buildTrack({ status: "partial", imported: 1204, links: 1204, rejected: 3 }));
  expect(words).toBe("1,204 imported, 1,204 links, 3 left out");
});

test("a stage that is tried again says so", () => {
  expect(outcomeWords(buildTrack({ status: "running", attempts: 3 }))).toBe("trying again (3)");
});
