/** Facts that help a person or a program to act on an error. Never a cell's value, never a secret. */
export type ErrorContext = Readonly<Record<string, unknown>>;

interface AppErrorOptions {
  /** Stable, machine-readable, in snake_case, for example `header_missing`. */
  code: string;
  /** One sentence for a person: what was wrong, where, and what to do. */
  message: string;
  context?: ErrorContext;
  cause?: unknown;
}

/** The one error type that crosses a function's border on purpose. Its subclasses say whose fault it is. */
export abstract class AppError extends Error {
  readonly code: string;
  readonly context: ErrorContext;
  /** Whether the same attempt may succeed later without anybody changing anything. */
  abstract readonly retryable: boolean;

  constructor({ code, message, context = {}, cause }: AppErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.context = context;
  }
}

/** The file, the request or the client is at fault: a retry of the same input gives the same answer. */
export class InvalidInput extends AppError {
  readonly retryable = false;
}

/** The profile, the environment or the set-up is at fault: somebody at the platform has to change it. */
export class Misconfigured extends AppError {
  readonly retryable = false;
}

/** Something that we depend on did not answer: the same attempt is worth making again. */
export class Unavailable extends AppError {
  readonly retryable = true;
}

/** A promise of ours does not hold: a bug, or damage to stored data. Never retried by itself. */
export class InvariantBroken extends AppError {
  readonly retryable = false;
}
