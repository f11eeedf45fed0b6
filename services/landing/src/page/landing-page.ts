import { CARD_HEIGHT, CARD_WIDTH } from "@inlet/drawing";
import { directionOf } from "@inlet/storyboard";
import type { LinkView } from "../links/link-view.ts";
import { type Piece, plainText } from "../links/merge.ts";
import { type Document, document } from "./document.ts";
import { type Html, html } from "./html.ts";
import { styleOf } from "./style.ts";

interface PageInput {
  view: LinkView;
  /** Whole address, for those who show a preview of the link. */
  thumbnailUrl: string;
  /** The thumbnail's file name, next door to the page. */
  thumbnailPath: string;
}

/** A recipient's page where the batch has no storyboard: the picture and the profile's words. No script. */
export function landingPage({ view, thumbnailUrl, thumbnailPath }: PageInput): Document {
  const style = styleOf(view.colour);
  const title = plainText(view.title);
  const description = plainText(view.text);
  const { button } = view;
  return document({
    language: "en",
    title,
    style,
    allows: ["img-src 'self'"],
    head: html`<meta property="og:type" content="website">
<meta property="og:site_name" content="${view.sender}">
<meta property="og:title" content="${title}">
${description === "" ? undefined : html`<meta property="og:description" content="${description}">\n`}<meta property="og:image" content="${thumbnailUrl}">
<meta property="og:image:type" content="image/png">
<meta property="og:image:width" content="${CARD_WIDTH}">
<meta property="og:image:height" content="${CARD_HEIGHT}">
<meta property="og:image:alt" content="${title}">
<meta name="twitter:card" content="summary_large_image">
`,
    body: html`<main>
${view.rehearsal ? html`<p class="rehearsal">Rehearsal: this link is a test</p>\n` : undefined}<img class="hero" src="${thumbnailPath}" width="${CARD_WIDTH}" height="${CARD_HEIGHT}" alt="${view.sender}" fetchpriority="high">
<div class="words" dir="${directionOf(title)}">
<h1 dir="auto">${merged(view.title)}</h1>
${description === "" ? undefined : html`<p class="text" dir="auto">${merged(view.text)}</p>\n`}${fieldList(view)}${
  button &&
  html`<a class="button" href="${button.url}" rel="noopener noreferrer nofollow" dir="auto">${button.label}</a>\n`
}</div>
</main>`,
  });
}

/** A value may be written in another direction than the words around it: each stands in its own. */
function merged(pieces: readonly Piece[]): Html[] {
  return pieces.map(({ text, personal }) => (personal ? html`<bdi>${text}</bdi>` : html`${text}`));
}

function fieldList({ fields }: LinkView): Html | undefined {
  if (fields.length === 0) return undefined;
  return html`<dl>
${fields.map(({ label, value }) => html`<div><dt dir="auto">${label}</dt><dd dir="auto">${value}</dd></div>\n`)}</dl>
`;
}
