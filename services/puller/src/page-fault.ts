import { AppError, InvalidInput, InvariantBroken, Misconfigured, Unavailable } from "@inlet/contracts";

/** What went wrong with a page, with its number: everybody is told which page it was. */
export function pageFault(error: unknown, page: number): unknown {
  if (!(error instanceof AppError) || error.context.page !== undefined) return error;
  const { code, message } = error;
  const told = { code, message, context: { ...error.context, page }, cause: error };
  if (error.retryable) return new Unavailable(told);
  if (error instanceof InvalidInput) return new InvalidInput(told);
  return error instanceof InvariantBroken ? new InvariantBroken(told) : new Misconfigured(told);
}
