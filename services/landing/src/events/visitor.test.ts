import { expect, test } from "vitest";
import { visitorOf } from "./visitor.ts";

const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
const DESKTOP =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

const IN_APP = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const OUTLOOK = "Mozilla/4.0 (compatible; ms-office; MSOffice 16)";

test.each([
  ["person", "GET", IPHONE],
  ["person", "GET", DESKTOP],
  ["person", "GET", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0"],
  ["person", "GET", `${IN_APP} Mobile/15E148 Instagram 356.0.0.29.99 (iPhone15,2; iOS 18_1; en_US; en; scale=3.00)`],
  [
    "person",
    "GET",
    `${IN_APP} Mobile/21G93 [FBAN/FBIOS;FBAV/484.0.0.31.108;FBBV/649222361;FBDV/iPhone14,5;FBMD/iPhone]`,
  ],
  ["person", "GET", `${IN_APP} GSA/343.0.695551749 Mobile/15E148 Safari/604.1`],
  ["person", "GET", `${IN_APP} Mobile/15E148 [LinkedInApp]/9.30.1650`],
  [
    "person",
    "GET",
    "Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus) AppleWebKit/537.36 Chrome/96.0 Mobile Safari/537.36",
  ],
  ["person", "GET", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.4.0"],
  ["prefetch", "GET", "Mozilla/5.0"],
  ["prefetch", "GET", "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"],
  ["prefetch", "GET", "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"],
  ["prefetch", "GET", OUTLOOK],
  ["prefetch", "GET", "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"],
  ["prefetch", "GET", "WhatsApp/2.23.20.0"],
  ["prefetch", "HEAD", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"],
  ["scanner", "HEAD", DESKTOP],
  ["scanner", "GET", ""],
  ["scanner", "GET", "curl/8.5.0"],
  ["scanner", "GET", "python-requests/2.32.3"],
  ["scanner", "GET", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"],
  ["scanner", "GET", DESKTOP.replace("Chrome/", "HeadlessChrome/")],
] as const)("%s: %s by %s", (visitor, method, agent) => {
  expect(visitorOf("page", method, { "user-agent": agent })).toBe(visitor);
});

test.each([
  { "sec-purpose": "prefetch;prerender" },
  { purpose: "prefetch" },
  { "x-moz": "prefetch" },
  { "x-purpose": "preview" },
])("a browser that looks ahead says so: %o", (headers) => {
  expect(visitorOf("page", "GET", { "user-agent": DESKTOP, ...headers })).toBe("prefetch");
});

test("Outlook shows a picture to a person, and looks at a page before the person's browser does", () => {
  for (const agent of [
    OUTLOOK,
    "Outlook-Android/2.0",
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0; Pro)",
  ])
    expect(visitorOf("thumbnail", "GET", { "user-agent": agent })).toBe("person");
  expect(visitorOf("thumbnail", "HEAD", { "user-agent": OUTLOOK })).toBe("prefetch");
});
