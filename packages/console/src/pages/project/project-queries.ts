import { queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client.ts";

/** Which project, as the address names it. */
export interface ProjectPath {
  client: string;
  project: string;
}

/** A project's profile, in its live version. */
export const profileQuery = ({ client, project }: ProjectPath) =>
  queryOptions({ queryKey: ["project", client, project, "profile"], queryFn: () => api.profile(client, project) });

/** Where its rehearsal stands; it changes with each file that comes. */
export const rehearsalQuery = ({ client, project }: ProjectPath) =>
  queryOptions({ queryKey: ["project", client, project, "rehearsal"], queryFn: () => api.rehearsal(client, project) });

/** When it runs, ran, and what waits. */
export const scheduleQuery = ({ client, project }: ProjectPath) =>
  queryOptions({ queryKey: ["project", client, project, "schedule"], queryFn: () => api.schedule(client, project) });

/** Its OpenPGP keys. */
export const keysQuery = ({ client, project }: ProjectPath) =>
  queryOptions({ queryKey: ["project", client, project, "keys"], queryFn: () => api.pgpKeys(client, project) });

/** The SFTP logins of its client. */
export const accountsQuery = (client: string) =>
  queryOptions({ queryKey: ["accounts", client], queryFn: () => api.accounts(client) });
