/**
 * An object with a setting changed. One that is empty, or what it would be anyway, is left out: a profile says what was
 * decided, and nothing else.
 */
export function withSetting<Of extends object, Key extends keyof Of>(
  of: Of,
  key: Key,
  value: Of[Key] | undefined,
  usual?: Of[Key],
): Of {
  const { [key]: _, ...others } = of;
  const isLeftOut =
    value === undefined || value === "" || value === usual || (Array.isArray(value) && value.length === 0);
  if (isLeftOut) return others as Of;
  // What was there stays at its place.
  return { ...of, [key]: value };
}
