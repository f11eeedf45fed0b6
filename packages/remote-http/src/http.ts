/** One request to somebody else's system. */
export interface HttpRequest {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";
  /** Absolute, `http` or `https`. */
  url: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
  signal?: AbortSignal;
  /** For the whole request, its answer's last byte included. Default: what the client was opened with. */
  timeoutMs?: number;
  /** A longer answer, once unpacked, is given up. Default: what the client was opened with. */
  maxBytes?: number;
}

/** What was answered, whatever its status: a status is no exception here. */
export interface HttpAnswer {
  status: number;
  /** Names in lower case; several of one name are joined with `, `, but for `set-cookie`, which {@link HttpAnswer.cookies} has. */
  headers: Readonly<Record<string, string>>;
  /** `set-cookie`, one a line. */
  cookies: readonly string[];
  /** Unpacked (gzip, deflate, br). */
  body: Buffer;
  durationMs: number;
}

/**
 * Makes requests to systems that profiles name: at addresses that were checked for the very connection, never further by a
 * redirect than the origin that was asked for, with bounds on time and size. Connections are kept for a short while only.
 */
export interface RemoteHttp {
  /**
   * @throws Unavailable `http_unreachable`, `http_timeout`, `http_broken` (ended in the middle, or not what its headers say)
   * @throws Misconfigured `remote_address_refused`, `remote_clear_text`, `http_certificate`, `http_too_large`,
   * `http_request_invalid` (a header or address that HTTP does not allow)
   * @throws the request's signal's reason, when it is aborted
   */
  request(request: HttpRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}
