import { EXIT } from "./exit-codes.ts";
import { CliFailure } from "./failure.ts";

/**
 * Runs work that Ctrl-C interrupts in order: the signal aborts, and the words say what goes on without us. A second
 * Ctrl-C ends at once.
 */
export async function interruptible<T>(words: () => string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = () => controller.abort();
  process.once("SIGINT", interrupt);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    throw new CliFailure(EXIT.interrupted, "interrupted", words());
  } finally {
    process.off("SIGINT", interrupt);
  }
}
