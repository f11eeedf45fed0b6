/** Whether two values say the same; keys without a value do not count. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((element, index) => isSame(element, other[index]));
  }
  if (!isObject(one) || !isObject(other)) return Object.is(one, other);
  const keysOf = (each: Record<string, unknown>) => Object.keys(each).filter((key) => each[key] !== undefined);
  const keys = keysOf(one);
  return keys.length === keysOf(other).length && keys.every((key) => isSame(one[key], other[key]));
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
