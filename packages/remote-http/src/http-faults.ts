import { AppError, Misconfigured, Unavailable } from "@inlet/contracts";

/** What of an address is named to people: neither path nor query, where keys and tokens stand at times. */
const whereOf = (url: string): string => new URL(url).origin;

/** A certificate that cannot be trusted, by OpenSSL's and Node's codes (Node's manual, "X509 certificate error codes"). */
const CERTIFICATE_FAULTS =
  /^(ERR_TLS_CERT_ALTNAME_INVALID|CERT_|UNABLE_TO_(GET|VERIFY|DECRYPT|DECODE)_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|INVALID_(CA|PURPOSE)$|HOSTNAME_MISMATCH$|PATH_LENGTH_EXCEEDED$|ERROR_IN_CERT_)/;

export const tooSlow = (url: string, timeoutMs: number) =>
  new Unavailable({
    code: "http_timeout",
    message: `${whereOf(url)} did not answer within ${timeoutMs / 1000} s.`,
    context: { timeoutMs },
  });

export const tooLarge = (url: string, maxBytes: number) =>
  new Misconfigured({
    code: "http_too_large",
    message: `${whereOf(url)} answered with more than ${maxBytes} bytes. Ask for less at once.`,
    context: { maxBytes },
  });

/** Not repeated: a key may stand in it. */
export const noAddress = () =>
  new Misconfigured({
    code: "http_request_invalid",
    message: "What should be asked is no address: it begins with https:// or http://, and its port is 65535 at most.",
  });

/** What came broke off, or is not what its headers say. */
export const brokenAnswer = (url: string, cause: unknown) =>
  new Unavailable({
    code: "http_broken",
    message: `The answer of ${whereOf(url)} broke off, or is not what it says it is: ${wordsOf(cause)}.`,
    // A parser's error has the answer's bytes in it, which are the client's.
    ...(!isParserError(cause) && { cause }),
  });

const isParserError = (cause: unknown): boolean => cause instanceof Error && cause.name === "HTTPParserError";

/** Why nothing came. */
export function httpFault(url: string, cause: unknown): AppError {
  const where = whereOf(url);
  if (cause instanceof AppError) return refusal(where, cause);
  const code = codeOf(cause);
  if (CERTIFICATE_FAULTS.test(code)) {
    return new Misconfigured({
      code: "http_certificate",
      message: `The certificate of ${where} cannot be trusted: ${wordsOf(cause)}. If an authority of its own signed it, put that authority's certificate into the profile; otherwise have theirs put right.`,
      cause,
    });
  }
  if (code === "UND_ERR_INVALID_ARG") {
    return new Misconfigured({
      code: "http_request_invalid",
      message: `${where} cannot be asked: ${wordsOf(cause)}. Look for line breaks and other odd characters in the secret, and in the profile's headers.`,
      cause,
    });
  }
  // It took the request and closed, or spoke no HTTP.
  if (code === "UND_ERR_SOCKET" || isParserError(cause) || code === "UND_ERR_HEADERS_OVERFLOW")
    return brokenAnswer(url, cause);
  return new Unavailable({
    code: "http_unreachable",
    message: `${where} cannot be reached: ${wordsOf(cause)}.`,
    cause,
  });
}

/** The network's rule speaks of servers in general; here it is known what to do. */
function refusal(where: string, error: AppError): AppError {
  if (error.code === "remote_clear_text") {
    return new Misconfigured({
      code: error.code,
      message: `${where} is not asked in clear text: what is sent could be read and changed on the way. Use https; or, where the way there is safe by itself, have the platform's operator allow the address (REMOTE_ALLOW).`,
    });
  }
  if (error.code === "remote_address_refused") {
    const found = [error.context.addresses].flat().join(", ");
    return new Misconfigured({
      code: error.code,
      context: error.context,
      message: `${where} is at ${found}: an address of the hub's own surroundings, where no client's system is looked for. Correct the address; or, if it is right, have the platform's operator allow it (REMOTE_ALLOW).`,
    });
  }
  return error;
}

function codeOf(cause: unknown): string {
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}

const wordsOf = (cause: unknown): string => networkWords(cause).replace(/\.$/, "");

/** Why something could not be reached: Node tries all addresses of a name, and says what came of each. */
export function networkWords(cause: unknown): string {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  return error instanceof AggregateError ? error.errors.map((each: Error) => each.message).join("; ") : error.message;
}
