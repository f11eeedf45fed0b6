/** What a record itself holds under a name: a column may be called `constructor`, which every object has of its own accord. */
export function ownValue<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
