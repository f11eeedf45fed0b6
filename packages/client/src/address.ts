/** One part of a path, escaped. */
export const part = (value: string | number): string => encodeURIComponent(value);

/** Where a project's things are. */
export function projectPath(client: string, project: string): string {
  return `/v1/clients/${part(client)}/projects/${part(project)}`;
}

/** `?a=1&b=2` of what is there; lists with commas. */
export function queryOf(values: Readonly<object>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) query.set(name, Array.isArray(value) ? value.join(",") : String(value));
  }
  return query.size === 0 ? "" : `?${query}`;
}

/** Where a page of a list begins, and how much it holds. */
export interface Paging {
  cursor?: string | undefined;
  limit?: number | undefined;
}
