import { AppError, Misconfigured, type RemoteServer, Unavailable } from "@inlet/contracts";

/** Status codes of SFTP (draft-ietf-secsh-filexfer-02, 7; those above 8 come from later drafts). */
export const SFTP_STATUS = { eof: 1, noSuchFile: 2, permissionDenied: 3, failure: 4, noSpace: 14, quota: 15 } as const;

export const nameOf = ({ host, port }: Pick<RemoteServer, "host" | "port">): string => `sftp://${host}:${port}`;

export function statusOf(error: unknown): number | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "number" ? code : undefined;
}

/** A fault of an operation on a server: what a person must change, or what may pass. */
export function operationError(server: RemoteServer, what: string, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const where = nameOf(server);
  const words = cause instanceof Error ? cause.message : String(cause);
  switch (statusOf(cause)) {
    case SFTP_STATUS.noSuchFile:
      return new Misconfigured({
        code: "remote_missing",
        message: `${where}: ${what}: there is no such file or folder.`,
        cause,
      });
    case SFTP_STATUS.permissionDenied:
      return new Misconfigured({
        code: "remote_permission",
        message: `${where}: ${what}: ${server.username} may not do that there.`,
        cause,
      });
    case SFTP_STATUS.noSpace:
    case SFTP_STATUS.quota:
      return new Unavailable({ code: "remote_full", message: `${where}: ${what}: no space is left there.`, cause });
    default:
      return new Unavailable({ code: "remote_failure", message: `${where}: ${what}: ${words}`, cause });
  }
}

/** A fault before the session was open. */
export function connectionError(server: RemoteServer, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const where = nameOf(server);
  const error = cause instanceof Error ? cause : new Error(String(cause));
  if (
    (error as { level?: string }).level === "client-authentication" ||
    /authentication methods failed/i.test(error.message)
  ) {
    return new Misconfigured({
      code: "remote_login_refused",
      message: `${where} refused the login of ${server.username}. Check the user name and the secret ${server.secret}.`,
      cause,
    });
  }
  if (/privateKey|private key|passphrase/i.test(error.message)) {
    return new Misconfigured({
      code: "remote_key_unusable",
      message: `The private key in secret ${server.secret} cannot be used: ${error.message.replace(/^.*?: /, "")}`,
      cause,
    });
  }
  if (/no matching/i.test(error.message)) {
    return new Misconfigured({
      code: "remote_algorithms",
      message: `${where} speaks none of the algorithms that Inlet accepts: ${error.message}`,
      cause,
    });
  }
  return new Unavailable({
    code: "remote_unreachable",
    message: `${where} cannot be reached: ${error.message}`,
    cause,
  });
}
