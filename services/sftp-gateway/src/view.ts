import type { ProjectFolders } from "@inlet/database";
import { pathOf } from "./paths.ts";

/** What an account may do in a folder. A folder without a role is only a way to others. */
export type Role = "uploads" | "downloads";

/** A folder of the virtual tree. */
export interface Folder {
  readonly segments: readonly string[];
  /** As the client sees it, such as /spring/Uploads. */
  readonly path: string;
  readonly children: Map<string, Folder>;
  role: Role | undefined;
  /** The project whose files these are; set where there is a role. */
  projectId: number | undefined;
  project: string | undefined;
}

/** A folder with a role. */
export interface RoleFolder extends Folder {
  role: Role;
  projectId: number;
  project: string;
}

/** All that an account sees. */
export interface View {
  readonly root: Folder;
  /** Every folder but the root, parents first. */
  readonly folders: readonly Folder[];
  /** Folders that two projects name: the older project has them. For the log. */
  readonly conflicts: readonly string[];
}

/** Whether a folder is one for files. */
export const hasRole = (folder: Folder): folder is RoleFolder => folder.role !== undefined;

/**
 * The virtual tree of an account: the folders of the projects that it sees, and their parents. Uploads where the gateway is
 * the project's source; Downloads where the result goes there.
 */
export function buildView(projects: readonly ProjectFolders[], visible: readonly string[] | null): View {
  const root = newFolder([]);
  const folders: Folder[] = [];
  const conflicts: string[] = [];
  const add = (path: string, role: Role, { projectId, project }: ProjectFolders) => {
    let folder = root;
    for (const name of path.split("/").filter((segment) => segment !== "")) {
      let child = folder.children.get(name);
      if (child === undefined) {
        child = newFolder([...folder.segments, name]);
        folder.children.set(name, child);
        folders.push(child);
      }
      folder = child;
    }
    if (folder.role !== undefined) conflicts.push(folder.path);
    else Object.assign(folder, { role, projectId, project });
  };
  for (const project of projects) {
    if (project.folders === null || (visible !== null && !visible.includes(project.project))) continue;
    if (project.sourceKind === "gateway") add(project.folders.uploads, "uploads", project);
    const deliversHere = (project.deliveryTo ?? "downloads") === "downloads";
    if (project.folders.downloads !== undefined && deliversHere) add(project.folders.downloads, "downloads", project);
  }
  return { root, folders, conflicts };
}

function newFolder(segments: readonly string[]): Folder {
  return {
    segments,
    path: pathOf(segments),
    children: new Map(),
    role: undefined,
    projectId: undefined,
    project: undefined,
  };
}

/** What a path means. Files lie directly in a folder with a role and nowhere else. */
export type Resolved =
  | { kind: "folder"; folder: Folder }
  | { kind: "file"; folder: RoleFolder; name: string }
  | { kind: "nothing" };

/** Finds what a path means in a view. */
export function resolve({ root }: View, segments: readonly string[]): Resolved {
  let folder = root;
  for (const [index, name] of segments.entries()) {
    const child = folder.children.get(name);
    if (child === undefined) {
      const isLast = index === segments.length - 1;
      return isLast && hasRole(folder) ? { kind: "file", folder, name } : { kind: "nothing" };
    }
    folder = child;
  }
  return { kind: "folder", folder };
}
