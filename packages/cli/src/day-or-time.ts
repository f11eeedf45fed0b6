/** A time as a person gives it to the API: a day stands for its first moment, in UTC. */
export const dayOrTime = (text: string | undefined) =>
  text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
