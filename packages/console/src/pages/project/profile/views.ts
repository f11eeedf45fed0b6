/** What of a profile is looked at. */
export const VIEWS = ["form", "yaml", "changes", "try", "history"] as const;
export type View = (typeof VIEWS)[number];

/** What of it stands in the address. */
export interface ProfileSearch {
  /** Left out: the form; for who only looks, the YAML. */
  view?: View;
  /** Versions that are compared. */
  from?: number;
  to?: number;
  /** The trial that is looked at. */
  draft?: number;
}

export function readProfileSearch(search: Record<string, unknown>): ProfileSearch {
  const view = VIEWS.find((each) => each === search.view);
  const numbers = (["from", "to", "draft"] as const).flatMap((key) => {
    const number = Number(search[key]);
    return Number.isSafeInteger(number) && number > 0 ? [[key, number] as const] : [];
  });
  return { ...(view !== undefined && { view }), ...Object.fromEntries(numbers) };
}
