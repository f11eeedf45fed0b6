import { CSRF_HEADER, CSRF_VALUE } from "@inlet/contracts";
import type { FastifyRequest } from "fastify";
import { Refusal } from "../requests/errors.ts";

/** Where the console is, such as `https://inlet.example.com`: as it was told, or as the request found it. */
export function consoleUrl(request: FastifyRequest, told: string | undefined): string {
  const found = told ?? `${request.protocol}://${request.host}`;
  // A Host header may be anything.
  return URL.parse(found)?.origin ?? found;
}

/** Whether the browser reaches the console by HTTPS. A proxy is believed as far as it is trusted. */
export function isSecure(request: FastifyRequest, told: string | undefined): boolean {
  return request.protocol === "https" || (told !== undefined && URL.parse(told)?.protocol === "https:");
}

const READING: readonly string[] = ["GET", "HEAD", "OPTIONS"];

/** Whether a request is of a kind that changes nothing. */
export const isReading = ({ method }: Pick<FastifyRequest, "method">) => READING.includes(method);

/**
 * Makes sure that a request which a browser sends with its cookie is the doing of the console's own page. Two things have
 * to fit: the header, which another site's page cannot set without our leave (there is none), and what the browser says
 * of where the request comes from. The cookie itself is SameSite=Strict besides.
 * Source: OWASP, Cross-Site Request Forgery Prevention Cheat Sheet (fetch metadata, origin check, custom header).
 * @throws Refusal `foreign_page`
 */
export function assertOwnPage(request: FastifyRequest, told: string | undefined): void {
  if (request.headers[CSRF_HEADER] === CSRF_VALUE && isSameOrigin(request, told)) return;
  throw new Refusal(
    403,
    "foreign_page",
    `This did not come from the console's own page. With a session's cookie, requests that change something carry \`${CSRF_HEADER}: ${CSRF_VALUE}\` and the console's own Origin; programs use an API key.`,
  );
}

function isSameOrigin(request: FastifyRequest, told: string | undefined): boolean {
  const { origin, "sec-fetch-site": site } = request.headers;
  // Browsers set it where the page's address is trustworthy, and no page can.
  if (site !== undefined) return site === "same-origin";
  return origin !== undefined && origin === consoleUrl(request, told);
}
