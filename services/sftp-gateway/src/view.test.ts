import type { ProjectFolders } from "@inlet/database";
import { expect, test } from "vitest";
import { segmentsOf } from "./paths.ts";
import { buildView, resolve, type View } from "./view.ts";

const buildProject = (overrides: Partial<ProjectFolders> = {}): ProjectFolders => ({
  projectId: 1,
  project: "spring",
  folders: { uploads: "/spring/Uploads", downloads: "/spring/Downloads" },
  sourceKind: "gateway",
  deliveryTo: "downloads",
  ...overrides,
});

const paths = (view: View) => view.folders.map(({ path, role }) => `${path} ${role ?? "-"}`);
const meaning = (view: View, path: string) => {
  const found = resolve(view, segmentsOf(path));
  return found.kind === "file" ? `${found.folder.path} > ${found.name}` : found.kind;
};

test("an account sees its projects' folders and their parents", () => {
  const flat = buildProject({ projectId: 2, project: "iris", folders: { uploads: "/iris1012" } });
  expect(paths(buildView([buildProject(), flat], null))).toEqual([
    "/spring -",
    "/spring/Uploads uploads",
    "/spring/Downloads downloads",
    "/iris1012 uploads",
  ]);
});

test("an account that is limited to some projects sees these alone", () => {
  const other = buildProject({ projectId: 2, project: "autumn", folders: { uploads: "/autumn/Uploads" } });
  expect(paths(buildView([buildProject(), other], ["autumn"]))).toEqual(["/autumn -", "/autumn/Uploads uploads"]);
  expect(paths(buildView([buildProject(), other], []))).toEqual([]);
});

test("a project that is fed from elsewhere shows Downloads alone, one that delivers elsewhere Uploads alone", () => {
  expect(paths(buildView([buildProject({ sourceKind: "sftp" })], null))).toEqual([
    "/spring -",
    "/spring/Downloads downloads",
  ]);
  expect(paths(buildView([buildProject({ deliveryTo: "sftp" })], null))).toEqual([
    "/spring -",
    "/spring/Uploads uploads",
  ]);
  expect(paths(buildView([buildProject({ deliveryTo: null })], null))).toContain("/spring/Downloads downloads");
});

test("a folder that two projects name belongs to the older one, and that is said", () => {
  const second = buildProject({ projectId: 2, project: "second" });
  const view = buildView([buildProject(), second], null);
  expect(view.conflicts).toEqual(["/spring/Uploads", "/spring/Downloads"]);
  const found = resolve(view, ["spring", "Uploads", "a.csv"]);
  expect(found.kind === "file" && found.folder.projectId).toBe(1);
});

test.each([
  ["/", "folder"],
  ["/spring", "folder"],
  ["/spring/Uploads", "folder"],
  ["/spring/Uploads/a.csv", "/spring/Uploads > a.csv"],
  ["/spring/Downloads/../Uploads/a.csv", "/spring/Uploads > a.csv"],
  ["/spring/Uploads/a/b.csv", "nothing"],
  ["/spring/a.csv", "nothing"],
  ["/a.csv", "nothing"],
  ["/spring/uploads", "nothing"],
  ["/etc/passwd", "nothing"],
  ["/constructor", "nothing"],
  ["/__proto__/x", "nothing"],
  ["/nested/Uploads", "folder"],
  ["/nested/Uploads/Downloads", "folder"],
  ["/nested/Uploads/x", "/nested/Uploads > x"],
])("%s means %s", (path, expected) => {
  const nested = buildProject({
    projectId: 3,
    project: "nested",
    folders: { uploads: "/nested/Uploads", downloads: "/nested/Uploads/Downloads" },
  });
  expect(meaning(buildView([buildProject(), nested], null), path)).toBe(expected);
});
