/** One look for all who ask within a while: what many open pages ask for again and again costs as much as one. */
export function remembered<T>(freshMs: number, look: () => Promise<T>): () => Promise<T> {
  let last: { at: number; value: Promise<T> } | undefined;
  return () => {
    if (last === undefined || performance.now() - last.at > freshMs) {
      const value = look();
      last = { at: performance.now(), value };
      // A look that failed is not remembered.
      value.catch(() => {
        if (last?.value === value) last = undefined;
      });
    }
    return last.value;
  };
}
