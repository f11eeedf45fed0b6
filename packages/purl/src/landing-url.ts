import { z } from "zod";
import { TOKEN_LENGTH } from "./token.ts";

/** LANDING_URL: where recipients reach the landing service, such as `https://go.example.org`. Without a trailing slash. */
export const landingUrlSchema = z
  .url({ protocol: /^https?$/, error: "an address such as https://go.example.org" })
  .transform((text) => new URL(text))
  .refine((url) => url.search === "" && url.hash === "", "an address without ? and #")
  .refine((url) => url.username === "" && url.password === "", "an address without a user name")
  .transform((url) => url.href.replace(/\/+$/, ""));

/**
 * Where the recipients of a project reach their pages: at its own address (`links.address` of its profile), or at the hub's.
 * Without a trailing slash, in ASCII.
 */
export function linkAddress(own: string | undefined, landingUrl: string): string {
  return own === undefined ? landingUrl : new URL(own).origin;
}

/** The columns that a result file gains, thumbnail first, under the names that campaign managers know. */
export const LINK_LABELS = ["thumbnail_1", "landingPage"] as const;

/** What stands before and after the token in an address. */
export interface LinkShape {
  before: string;
  after: string;
}

/** The shapes of a recipient's two addresses. */
export function linkShapes(landingUrl: string): { thumbnail: LinkShape; page: LinkShape } {
  return {
    thumbnail: { before: `${landingUrl}/t/`, after: ".png" },
    page: { before: `${landingUrl}/p/`, after: "" },
  };
}

/** One address. */
export function linkOf({ before, after }: LinkShape, token: string): string {
  return before + token + after;
}

/** Bytes of every address of a shape. URLs are ASCII: `URL` has escaped the rest. */
export function linkLength({ before, after }: LinkShape): number {
  return before.length + TOKEN_LENGTH + after.length;
}
