import { escapeHtml } from "./display.ts";
import type { Tone } from "./wording.ts";

/**
 * The colours, light and dark. Words on their ground have a contrast of at least 4.5 to 1 in both (WCAG 2.2, 1.4.3). Inline
 * styles are the light ones: a mail program that drops the style sheet shows a page that is right in itself.
 */
const COLOURS = {
  page: { light: "#f3f4f7", dark: "#12151b" },
  card: { light: "#ffffff", dark: "#1b2029" },
  text: { light: "#1b2330", dark: "#e9edf3" },
  muted: { light: "#566173", dark: "#a5b0c0" },
  line: { light: "#e2e6ec", dark: "#343d4a" },
} as const;

const BADGES: Record<
  Tone,
  { light: [text: string, ground: string]; dark: [text: string, ground: string]; bar: string }
> = {
  good: { light: ["#0f5c2e", "#e0f4e7"], dark: ["#8ce0ab", "#12371f"], bar: "#1f9d55" },
  bad: { light: ["#9c1a12", "#fde7e4"], dark: ["#ffaba2", "#4a1a16"], bar: "#d3362b" },
  warn: { light: ["#714600", "#fcefd2"], dark: ["#f5cd7b", "#402d0a"], bar: "#d9930b" },
  calm: { light: ["#3a4658", "#e7ebf1"], dark: ["#c0cad8", "#2c3542"], bar: "#7a889b" },
};

export const FONT =
  "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Helvetica,Arial,sans-serif";

export const TEXT = `color:${COLOURS.text.light}`;
export const MUTED = `color:${COLOURS.muted.light}`;
export const LINE = `${COLOURS.line.light}`;

/** For programs that know the style sheet: the dark colours, and tighter edges on a narrow screen. */
const STYLE_SHEET = [
  ":root{color-scheme:light dark;supported-color-schemes:light dark}",
  "@media (prefers-color-scheme:dark){",
  `.page{background:${COLOURS.page.dark}!important}`,
  `.card{background:${COLOURS.card.dark}!important;border-color:${COLOURS.line.dark}!important}`,
  `.text{color:${COLOURS.text.dark}!important}`,
  `.muted{color:${COLOURS.muted.dark}!important}`,
  `.line{border-color:${COLOURS.line.dark}!important}`,
  ...Object.entries(BADGES).map(
    ([
      tone,
      {
        dark: [text, ground],
      },
    ]) => {
      return `.${tone}{color:${text}!important;background:${ground}!important}`;
    },
  ),
  "}",
  "@media (max-width:480px){",
  ".page-edge{padding:0!important}",
  ".card{border-radius:0!important;border-left:0!important;border-right:0!important}",
  ".edge{padding-left:18px!important;padding-right:18px!important}",
  ".status{width:110px!important}",
  ".fact{width:88px!important}",
  ".counts tr{display:flex!important;flex-wrap:wrap}",
  ".counts tr>*{flex:1 1 0;box-sizing:border-box;padding-left:0!important;width:auto!important}",
  ".counts tr>:first-child{flex:0 0 100%;border-bottom:0!important;padding-bottom:0!important}",
  ".counts td{font-size:13px!important}",
  "}",
].join("");

/** A status word on its coloured ground. */
export function badge(word: string, tone: Tone): string {
  const [text, ground] = BADGES[tone].light;
  return `<span class="${tone}" style="display:inline-block;padding:2px 10px;border-radius:10px;font-size:13px;line-height:18px;font-weight:700;letter-spacing:.02em;white-space:nowrap;color:${text};background:${ground}">${escapeHtml(word)}</span>`;
}

/**
 * A stranger's text inside a sentence of ours: its direction stays its own (browsers isolate what has `dir="auto"`). It
 * breaks where names have joints, and where there is none, anywhere: see the card's `overflow-wrap`.
 */
export function foreign(text: string): string {
  return `<span dir="auto">${escapeHtml(text).replace(/[_.-](?=\w)/g, "$&<wbr>")}</span>`;
}

/** Text that leads to an address of ours, where there is one; it looks like the text around it, underlined. */
export function linked(text: string, url: string | undefined): string {
  if (url === undefined) return escapeHtml(text);
  return `<a href="${escapeHtml(url)}" style="color:inherit;text-decoration:underline">${escapeHtml(text)}</a>`;
}

/** A line that is a link, and nothing else. */
export function linkOf(text: string, url: string): string {
  return `<p class="text" style="margin:0;font-size:15px;line-height:22px;${TEXT}">${linked(text, url)}</p>`;
}

/** A sentence that stands out, calmly. */
export function noteOf(text: string): string {
  const [colour, ground] = BADGES.calm.light;
  return `<p class="calm" style="margin:0;padding:10px 14px;border-radius:8px;font-size:15px;line-height:22px;color:${colour};background:${ground}">${escapeHtml(text)}</p>`;
}

/** The part of the card with a heading of its own. */
export function section(heading: string, body: string): string {
  return row(
    `<h2 class="text" style="margin:0 0 10px;font-size:16px;line-height:22px;font-weight:700;${TEXT}">${escapeHtml(heading)}</h2>${body}`,
    "26px 32px 0",
  );
}

/** One row of the card. `padding` is top, sides, bottom. */
export function row(body: string, padding: string): string {
  return `<tr><td class="edge" style="padding:${padding}">${body}</td></tr>`;
}

/**
 * A whole mail: one card on a calm ground, drawn with tables, which every mail program knows. It names no picture, font or
 * script from anywhere, so opening it tells nobody.
 * @param rows the card's rows, as {@link row} and {@link section} make them
 * @param preview what lists of mails show beside the subject
 * @param footer plain sentences
 */
export function page({
  title,
  word,
  tone,
  heading,
  summary,
  rows,
  footer,
}: {
  title: string;
  word: string;
  tone: Tone;
  heading: string;
  summary: string;
  rows: readonly string[];
  footer: readonly string[];
}): string {
  const foot = footer
    .map(
      (line) =>
        `<p class="muted" style="margin:0 0 4px;font-size:13px;line-height:19px;${MUTED}">${escapeHtml(line)}</p>`,
    )
    .join("");
  return `<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
<title>${escapeHtml(title)}</title>
<style>${STYLE_SHEET}</style>
</head>
<body class="page" style="margin:0;padding:0;background:${COLOURS.page.light};-webkit-text-size-adjust:100%">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${escapeHtml(summary)}</div>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:${COLOURS.page.light};${FONT}">
<tr><td class="page-edge" align="center" style="padding:24px 12px">
<table role="presentation" class="card" width="640" cellpadding="0" cellspacing="0" border="0" style="width:100%;max-width:640px;background:${COLOURS.card.light};border:1px solid ${LINE};border-radius:12px;border-collapse:separate;overflow:hidden;text-align:left;overflow-wrap:anywhere;word-break:break-word">
<tr><td style="height:5px;line-height:5px;font-size:0;background:${BADGES[tone].bar}">&nbsp;</td></tr>
${row(
  `${badge(word, tone)}<h1 class="text" style="margin:10px 0 6px;font-size:22px;line-height:29px;font-weight:700;${TEXT}">${foreign(heading)}</h1><p class="text" style="margin:0;font-size:16px;line-height:24px;${TEXT}">${escapeHtml(summary)}</p>`,
  "24px 32px 0",
)}
${rows.join("\n")}
<tr><td class="edge" style="padding:28px 32px 24px"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td class="line" style="border-top:1px solid ${LINE};padding-top:14px">${foot}</td></tr></table></td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
}
