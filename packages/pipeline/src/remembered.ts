/**
 * Loads what never changes once, and keeps the last `most` of it. What could not be loaded is tried again by the next who asks.
 */
export function remembered<T>(most: number): (key: string, load: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, Promise<T>>();
  return (key, load) => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const loading = load();
    loading.catch(() => kept.delete(key));
    if (kept.size >= most) kept.delete(kept.keys().next().value!);
    kept.set(key, loading);
    return loading;
  };
}
