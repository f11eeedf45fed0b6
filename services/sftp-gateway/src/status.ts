import { AppError } from "@inlet/contracts";

/** Status codes of SFTP version 3 (draft-ietf-secsh-filexfer-02, section 7). */
export const STATUS = {
  ok: 0,
  eof: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  opUnsupported: 8,
} as const;

export type StatusCode = (typeof STATUS)[keyof typeof STATUS];

/** A request that the gateway does not grant, in words for the client. */
export class Refusal extends Error {
  readonly status: StatusCode;

  constructor(status: StatusCode, message: string) {
    super(message);
    this.name = "Refusal";
    this.status = status;
  }
}

export const noSuchFile = () => new Refusal(STATUS.noSuchFile, "No such file or folder");
export const denied = (why: string) => new Refusal(STATUS.permissionDenied, why);
export const failure = (why: string) => new Refusal(STATUS.failure, why);

/** What a client is told of an error. `expected`: it needs no line in the log. */
export interface Answer {
  status: StatusCode;
  message: string;
  expected: boolean;
}

/** Turns whatever a request threw into its answer. Nothing of the server's inside (paths, SQL) goes out. */
export function answerTo(error: unknown): Answer {
  if (error instanceof Refusal) return { status: error.status, message: error.message, expected: true };
  if (error instanceof AppError) {
    const message = error.retryable ? "The server cannot do this right now. Please try again." : "Failure";
    return { status: STATUS.failure, message, expected: false };
  }
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case "ENOENT":
    case "ENOTDIR":
      return { status: STATUS.noSuchFile, message: "No such file or folder", expected: true };
    case "ENAMETOOLONG":
      return { status: STATUS.failure, message: "The name is too long", expected: true };
    case "ELOOP":
      return { status: STATUS.permissionDenied, message: "Permission denied", expected: false };
    case "ENOSPC":
    case "EDQUOT":
      return {
        status: STATUS.failure,
        message: "The server has no space left. Please try again later.",
        expected: false,
      };
    case "EFBIG":
      return { status: STATUS.failure, message: "The file is too large", expected: true };
    default:
      return { status: STATUS.failure, message: "Failure", expected: false };
  }
}
