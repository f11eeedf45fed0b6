import type { ApiRole } from "@inlet/contracts";

/** What a role is called. */
export const ROLE_WORDS: Readonly<Record<ApiRole, string>> = {
  admin: "Admin",
  operator: "Operator",
  client: "Client user",
  viewer: "Viewer",
};

/** What a role may do, in one sentence. */
export const ROLE_LEADS: Readonly<Record<ApiRole, string>> = {
  admin: "Does everything, also who may sign in and which API keys there are.",
  operator: "Sets up clients and projects, retries, cancels, downloads. Not users and API keys.",
  client: "Uploads, follows and downloads the files of one client.",
  viewer: "Looks at everything and changes nothing.",
};
