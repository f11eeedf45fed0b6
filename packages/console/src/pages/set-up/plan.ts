import type { NewAccount, ProfileInput } from "@inlet/contracts";
import { NEW_TRIGGER, type Trigger, triggerText } from "../profile-parts/trigger.ts";

type TableInput = ProfileInput["tables"][number];

/** When a project's files are worked on. */
export interface PlannedSchedule extends Trigger {
  timezone: string;
  /** Every table is to come each time: who misses one is told. */
  expectAll: boolean;
}

/** How a client logs in to bring its files. */
export interface PlannedLogin {
  wanted: boolean;
  username: string;
  cidrs: readonly string[];
  /** A line of an authorized_keys file each; without any a password is made. */
  publicKeys: string;
}

/** What is asked for setting up a client's project: what a client's people tell, and nothing else. */
export interface Plan {
  /** The domain name: what the client is called in folders and addresses. */
  client: string;
  project: string;
  title: string;
  tables: readonly TableInput[];
  schedule: PlannedSchedule;
  recipients: readonly string[];
  login: PlannedLogin;
  /** A personal link for every row, in a result file. */
  links: boolean;
}

/** An empty plan. */
export const newPlan = (client: string, timezone: string): Plan => ({
  client,
  project: "",
  title: "",
  tables: [],
  schedule: { ...NEW_TRIGGER, timezone, expectAll: true },
  recipients: [],
  login: { wanted: true, username: "", cidrs: [], publicKeys: "" },
  links: false,
});

/** Words as a name in folders, addresses and the database, as the API takes them: `Spring & Co.` → `spring_co`. */
export function slugOf(words: string): string {
  return words
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[0-9_]+/, "")
    .slice(0, 24)
    .replace(/_$/, "");
}

/** The folders of a project, as its client sees them. */
export const foldersOf = ({ project }: Pick<Plan, "project">) => ({
  uploads: `/${project}/Uploads`,
  downloads: `/${project}/Downloads`,
});

/** The profile that the plan comes to. */
export function profileOf(plan: Plan): ProfileInput {
  const { client, project, title, tables, recipients, schedule, links } = plan;
  const at = triggerText(schedule);
  const names = tables.map(({ name }) => name);
  return {
    client,
    project,
    ...(title.trim() !== "" && { title: title.trim() }),
    folders: foldersOf(plan),
    ...(at !== undefined && {
      run: { group: "schedule", at, timezone: schedule.timezone, expect: schedule.expectAll ? names : [] },
    }),
    ...(links && { links: {} }),
    delivery: { to: "downloads", errors: true },
    notify: { recipients: [...recipients] },
    tables: [...tables],
  };
}

/** The login that the plan comes to; undefined: none is wanted. */
export function accountOf({ client, project, login }: Plan): NewAccount | undefined {
  if (!login.wanted) return undefined;
  const publicKeys = login.publicKeys
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return {
    client,
    username: login.username,
    generatePassword: publicKeys.length === 0,
    publicKeys,
    cidrs: [...login.cidrs],
    projects: [project],
  };
}

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** What is still missing, in the order of the page. The API judges all of it again. */
export function missingIn({ client, project, tables, schedule, recipients, login }: Plan): string[] {
  const wrong = recipients.filter((address) => !EMAIL.test(address));
  return [
    client === "" ? "the client's name" : "",
    project === "" ? "the project's name" : "",
    tables.length === 0 ? "at least one table" : "",
    tables.some(({ columns }) => columns.length === 0) ? "columns in every table" : "",
    triggerText(schedule) === "" ? "the schedule" : "",
    wrong.length > 0 ? `a right address instead of ${wrong.join(", ")}` : "",
    login.wanted && login.username === "" ? "the login's name" : "",
  ].filter((text) => text !== "");
}
