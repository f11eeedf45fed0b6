import { type Html, html, trusted } from "./html.ts";
import type { Style } from "./style.ts";

/** A whole page, and the policy it is sent under. */
export interface Document {
  body: Buffer;
  contentSecurityPolicy: string;
}

interface DocumentParts {
  title: string;
  style: Style;
  /** Further elements of the head. */
  head?: Html;
  body: Html;
  images: boolean;
}

/** The frame of every page. No script, no form, no frame, nothing from another place. */
export function document({ title, style, head, body, images }: DocumentParts): Document {
  const { markup } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<meta name="robots" content="noindex, nofollow, noarchive">
<meta name="referrer" content="no-referrer">
<meta name="theme-color" content="${style.palette.tint}" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="${style.palette.darkTint}" media="(prefers-color-scheme: dark)">
${head}<style>${trusted(style.css)}</style>
</head>
<body>
${body}
</body>
</html>
`;
  return {
    body: Buffer.from(markup),
    contentSecurityPolicy: [
      "default-src 'none'",
      ...(images ? ["img-src 'self'"] : []),
      `style-src '${style.hash}'`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
  };
}
