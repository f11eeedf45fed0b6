import type { IncomingHttpHeaders } from "node:http";
import type { Visitor } from "@inlet/contracts";
import { isbot } from "isbot";

/**
 * Mail providers that fetch pictures and pages on their own, and messengers that make previews, by what they call
 * themselves. Sources: the pages of Google (image proxy, link preview), Yahoo, Microsoft (Office, Teams, SafeLinks), Meta,
 * Slack, Telegram, Discord and LinkedIn about their fetchers.
 */
const PREFETCHING =
  /GoogleImageProxy|YahooMailProxy|ggpht\.com|Google-Safety|GoogleMessages|ms-office|MSOffice|OutlookImageProxy|SafeLinks|BingPreview|SkypeUriPreview|facebookexternalhit|facebookcatalog|meta-externalfetcher|WhatsApp\/|TelegramBot|Slackbot|Slack-ImgProxy|Discordbot|Twitterbot|LinkedInBot|Applebot|Superhuman|Barracuda|Mimecast|Proofpoint|Symantec|Sophos|TrendMicro|Forcepoint|FireEye/i;

/** Who fetches something, as far as the request says it. What says nothing of itself is a program. */
export function visitorOf(method: string, headers: IncomingHttpHeaders): Visitor {
  const agent = headers["user-agent"] ?? "";
  const purpose = headers["sec-purpose"] ?? headers.purpose ?? headers["x-purpose"] ?? headers["x-moz"];
  if (typeof purpose === "string" && /prefetch|prerender|preview/i.test(purpose)) return "prefetch";
  if (PREFETCHING.test(agent)) return "prefetch";
  if (method === "HEAD" || agent === "" || isbot(agent)) return "scanner";
  return "person";
}
