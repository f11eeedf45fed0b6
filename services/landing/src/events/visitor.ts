import type { IncomingHttpHeaders } from "node:http";
import type { LinkEventKind, Visitor } from "@inlet/contracts";
import { isbot } from "isbot";

/**
 * Mail providers that fetch pictures and pages on their own, and messengers that make previews, by what they call
 * themselves. Sources: the pages of Google (image proxy, link preview), Yahoo, Microsoft (Office, Teams, SafeLinks), Meta,
 * Slack, Telegram, Discord and LinkedIn about their fetchers.
 */
const PREFETCHING =
  /GoogleImageProxy|YahooMailProxy|ggpht\.com|Google-Safety|GoogleMessages|ms-office|MSOffice|OutlookImageProxy|SafeLinks|BingPreview|SkypeUriPreview|facebookexternalhit|facebookcatalog|meta-externalfetcher|WhatsApp\/|TelegramBot|Slackbot|Slack-ImgProxy|Discordbot|Twitterbot|LinkedInBot|Applebot|Superhuman|Barracuda|Mimecast|Proofpoint|Symantec|Sophos|TrendMicro|Forcepoint|FireEye/i;

/** Mail programs, by what they call themselves when they show an e-mail's pictures. They open links in the person's browser. */
const MAIL_PROGRAMS = /ms-office|MSOffice|Microsoft Outlook|Outlook-(iOS|Android)|eM ?Client/i;

/** All that Apple's mail proxy says of itself. It fetches pictures when an e-mail comes, whether somebody reads it or not. */
const APPLE_MAIL_PROXY = "Mozilla/5.0";

/** Who fetches something, as far as the request says it. What says nothing of itself is a program. */
export function visitorOf(kind: LinkEventKind, method: string, headers: IncomingHttpHeaders): Visitor {
  const agent = headers["user-agent"] ?? "";
  const purpose = headers["sec-purpose"] ?? headers.purpose ?? headers["x-purpose"] ?? headers["x-moz"];
  if (typeof purpose === "string" && /prefetch|prerender|preview/i.test(purpose)) return "prefetch";
  if (kind === "thumbnail" && method !== "HEAD" && MAIL_PROGRAMS.test(agent)) return "person";
  if (agent === APPLE_MAIL_PROXY || PREFETCHING.test(agent)) return "prefetch";
  if (method === "HEAD" || agent === "" || isbot(agent)) return "scanner";
  return "person";
}
