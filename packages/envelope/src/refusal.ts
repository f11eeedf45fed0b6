import { type ErrorContext, InvalidInput } from "@inlet/contracts";

/** A container that is not taken, with a sentence that the client can act on. */
export function refusal(
  code: string,
  message: string,
  { cause, context = {} }: { cause?: unknown; context?: ErrorContext } = {},
): InvalidInput {
  return new InvalidInput({ code, message, context, cause });
}
