import { z } from "zod";

/**
 * What a user or a key may do. `viewer` reads; `operator` also retries, cancels, uploads, downloads, revokes links and,
 * when it sees all clients, sets up clients and projects; `client` reads, uploads, downloads and revokes links within its
 * own client; `admin` does everything, users and API keys among it.
 */
export const apiRoleSchema = z.enum(["admin", "operator", "client", "viewer"]);
export type ApiRole = z.infer<typeof apiRoleSchema>;

/**
 * What routes ask of their callers. `self`: being signed in, as anybody. `read`: statuses and findings. `files`: the bytes
 * of stored files. `send`: uploading and taking links back. `operate`: retry and cancel. `oversee`: what concerns the
 * whole hub. `configure`: everything that sets up clients and projects. `administer`: users and API keys.
 */
export const accessWordSchema = z.enum([
  "self",
  "read",
  "files",
  "send",
  "operate",
  "oversee",
  "configure",
  "administer",
]);
export type AccessWord = z.infer<typeof accessWordSchema>;

/** What each role may do where it is not narrowed. */
export const ROLE_ACCESS: Readonly<Record<ApiRole, readonly AccessWord[]>> = {
  admin: ["self", "read", "files", "send", "operate", "oversee", "configure", "administer"],
  operator: ["self", "read", "files", "send", "operate", "oversee", "configure"],
  client: ["self", "read", "files", "send"],
  viewer: ["self", "read", "oversee"],
};

/** For callers who see all clients alone. */
const OF_THE_WHOLE_HUB: readonly AccessWord[] = ["oversee", "configure", "administer"];

/**
 * What a caller may do, in the words that routes ask for. `client`: the one client that it sees, which takes away what
 * concerns the whole hub; null or undefined: it sees all. `access`: what a key was narrowed to; null or undefined: nothing
 * is taken away. `self` is always there.
 */
export function permissionsOf({
  role,
  client,
  access,
}: {
  role: ApiRole;
  client?: unknown;
  access?: readonly AccessWord[] | null | undefined;
}): AccessWord[] {
  const scoped = client !== null && client !== undefined;
  return ROLE_ACCESS[role].filter(
    (word) => !(scoped && OF_THE_WHOLE_HUB.includes(word)) && (word === "self" || (access?.includes(word) ?? true)),
  );
}

/** What is wrong with a role and its client together, as zod's issue; undefined: nothing. `whose` is such as `key`. */
export function clientProblem(role: ApiRole, client: string | null | undefined, whose: "key" | "user") {
  const given = client !== undefined && client !== null;
  if (role === "client" && !given) {
    return { code: "custom", message: `a ${whose} of role client names its client`, path: ["client"] } as const;
  }
  if (role === "admin" && given) {
    return {
      code: "custom",
      message: `an admin ${whose} sees all clients; leave client out`,
      path: ["client"],
    } as const;
  }
  return undefined;
}
