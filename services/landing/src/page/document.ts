import { type Html, html, trusted } from "./html.ts";
import type { Style } from "./style.ts";

/** A whole page, and the policy it is sent under. */
export interface Document {
  body: Buffer;
  contentSecurityPolicy: string;
}

interface DocumentParts {
  /** BCP 47. */
  language: string;
  direction?: "ltr" | "rtl" | undefined;
  title: string;
  style: Style;
  /** Further elements of the head. */
  head?: Html;
  /** Such as `card landscape`. */
  bodyClass?: string;
  body: Html;
  /** What besides its own style the page may load, such as `img-src 'self'`. */
  allows?: readonly string[];
}

/** The frame of every page. No form, no frame, nothing from another place. */
export function document({
  language,
  direction,
  title,
  style,
  head,
  bodyClass,
  body,
  allows = [],
}: DocumentParts): Document {
  const { markup } = html`<!doctype html>
<html lang="${language}"${direction && html` dir="${direction}"`}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<meta name="robots" content="noindex, nofollow, noarchive">
<meta name="referrer" content="no-referrer">
<meta name="theme-color" content="${style.themeColour.light}" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="${style.themeColour.dark}" media="(prefers-color-scheme: dark)">
${head}<style>${trusted(style.css)}</style>
</head>
<body${bodyClass && html` class="${bodyClass}"`}>
${body}
</body>
</html>
`;
  return {
    body: Buffer.from(markup),
    contentSecurityPolicy: [
      "default-src 'none'",
      ...allows,
      `style-src '${style.hash}'`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
  };
}
