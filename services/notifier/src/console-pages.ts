/** The addresses of the console's pages; undefined where nobody said where the console is. */
export interface ConsolePages {
  run(id: number): string | undefined;
  batch(id: number): string | undefined;
}

/** @param consoleUrl without a slash at its end */
export function consolePages(consoleUrl: string | undefined): ConsolePages {
  const at = (path: string) => (consoleUrl === undefined ? undefined : `${consoleUrl}${path}`);
  return { run: (id) => at(`/runs/${id}`), batch: (id) => at(`/batches/${id}`) };
}
