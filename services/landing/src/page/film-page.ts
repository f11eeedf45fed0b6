import { CLICK_ATTRIBUTE, FILM_DATA_ID, type PageFilm, PLAYER_HOST_ID } from "@inlet/player/page";
import { playerWords } from "@inlet/player/words";
import type { Film, PageWords, Words } from "@inlet/storyboard";
import { landingWords } from "../words/landing-words.ts";
import { type Document, document } from "./document.ts";
import { assetPath, filmAssets } from "./film-assets.ts";
import { filmStyle, shapeOf } from "./film-style.ts";
import { type Html, html, trusted } from "./html.ts";
import { iconOf } from "./icon.ts";

/** What a page is made of, besides what its storyboard says. */
export interface FilmPageInput {
  film: Film;
  words: PageWords;
  /** Who sends it. */
  sender: string;
  /** Not for recipients yet: somebody tries whether all goes as agreed. */
  rehearsal: boolean;
  token: string;
  /** Where the page was opened, without a trailing slash: what previews elsewhere show has whole addresses. */
  address: string;
  /** The name of the player's script. */
  script: string;
  /** Of the title's element; see {@link titleClass}. */
  titleClass: string;
}

/** Its own style by its hash, and files of its own server: nothing else, from nowhere else. */
const ALLOWS = [
  "script-src 'self'",
  "img-src 'self'",
  "media-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  // No string becomes markup or a script, whatever a browser's extension or a mistake of ours may try.
  "require-trusted-types-for 'script'",
] as const;

/**
 * A recipient's page around a film. Without scripts, or where they fail, it shows the film's picture and all words; the
 * player takes the picture's place. Addresses are relative, so that they are right under whatever path a proxy serves them.
 */
export function filmPage(input: FilmPageInput): Document {
  const { film, words, sender, rehearsal, token, script, titleClass } = input;
  const shape = shapeOf(film);
  const own = landingWords(words.language);
  const title = words.title.text === "" ? sender : words.title.text;
  return document({
    language: words.language,
    direction: words.direction,
    title,
    style: filmStyle({ template: words.template, shape, colour: words.colour, accent: words.accent }),
    allows: ALLOWS,
    head: html`${previews(input, title)}${iconLink(input)}<script type="module" src="../s/${script}"></script>
`,
    bodyClass: `${words.template} ${shape}`,
    body: html`${
      rehearsal
        ? html`<p class="rehearsal" lang="${own.language}" dir="${own.direction}">${own.rehearsal}</p>\n`
        : undefined
    }${
      words.logo &&
      html`<header class="brand"><img class="logo" src="${assetPath(words.logo)}" width="${words.logo.width ?? 0}" height="${words.logo.height ?? 0}" alt="${sender}"></header>\n`
    }<main>
<div class="film" id="${PLAYER_HOST_ID}"><img class="poster" src="../t/${token}.poster.png" width="${film.width}" height="${film.height}" alt="${title}" fetchpriority="high"></div>
<div class="words">
<h1 class="${titleClass}" dir="${words.title.direction}">${title}</h1>
${words.text.text === "" ? undefined : html`<p class="text" dir="${words.text.direction}">${words.text.text}</p>\n`}${fieldList(words)}${
  words.button &&
  html`<a class="button" href="${words.button.url}" rel="noopener noreferrer nofollow" dir="${words.button.label.direction}" ${trusted(CLICK_ATTRIBUTE)}="page">${words.button.label.text}</a>\n`
}${
  words.download
    ? html`<a class="download" href="../v/${token}.mp4" download lang="${own.language}" dir="${own.direction}">${own.download}</a>\n`
    : undefined
}</div>
</main>
${foot(words)}<script type="application/json" id="${FILM_DATA_ID}">${trusted(filmData(input))}</script>`,
  });
}

/** For messengers and social networks. No video: to show one there, they would have it rendered for nobody. */
function previews({ film, words, sender, token, address }: FilmPageInput, title: string): Html {
  const { text } = words.text;
  return html`<meta property="og:type" content="website">
<meta property="og:site_name" content="${sender}">
<meta property="og:locale" content="${words.language.replace("-", "_")}">
<meta property="og:title" content="${title}">
${text === "" ? undefined : html`<meta property="og:description" content="${text}">\n<meta name="description" content="${text}">\n`}<meta property="og:image" content="${address}/t/${token}.png">
<meta property="og:image:type" content="image/png">
<meta property="og:image:width" content="${film.width}">
<meta property="og:image:height" content="${film.height}">
<meta property="og:image:alt" content="${title}">
<meta name="twitter:card" content="${film.width > film.height ? "summary_large_image" : "summary"}">
`;
}

function iconLink({ words, sender }: FilmPageInput): Html {
  const { favicon } = words;
  if (favicon !== undefined) return html`<link rel="icon" type="image/webp" href="${assetPath(favicon)}">\n`;
  return html`<link rel="icon" type="image/svg+xml" href="../i/${iconOf(words.colour, sender)}">\n`;
}

function fieldList({ fields }: PageWords): Html | undefined {
  if (fields.length === 0) return undefined;
  return html`<dl>
${fields.map(({ label, value }) => html`<div><dt>${apart(label)}</dt><dd>${apart(value)}</dd></div>\n`)}</dl>
`;
}

/** In its own direction, at the side where the page's lines begin. */
const apart = (words: Words) => html`<bdi${dir(words)}>${words.text}</bdi>`;

/** In characters: such a title, or such a word in it, is set smaller. */
const LONG_TITLE = 48;
const LONG_WORD = 20;

/** `long` for a title that needs a smaller size. */
export function titleClass(title: string): string {
  return title.length > LONG_TITLE || title.split(/[\s-]+/).some((word) => word.length > LONG_WORD) ? "long" : "";
}

function foot({ footer, links }: PageWords): Html | undefined {
  if (footer.text === "" && links.length === 0) return undefined;
  return html`<footer>
${footer.text === "" ? undefined : html`<p${dir(footer)}>${footer.text}</p>\n`}${
  links.length === 0
    ? undefined
    : html`<ul>
${links.map(({ label, url }) => html`<li><a href="${url}" rel="noopener noreferrer nofollow"${dir(label)}>${label.text}</a></li>\n`)}</ul>
`
}</footer>
`;
}

const dir = ({ direction }: Words) => html` dir="${direction}"`;

function filmData({ film, words, token }: FilmPageInput): string {
  const data: PageFilm = {
    film,
    words: playerWords(words.language),
    assets: Object.fromEntries(filmAssets(film).map((asset) => [asset.sha256, assetPath(asset)])),
    poster: `../t/${token}.poster.png`,
    events: { url: `../e/${token}` },
  };
  return scriptSafe(JSON.stringify(data));
}

/** Where the film's data begins in a page's markup. */
export const FILM_DATA_START = `id="${FILM_DATA_ID}">`;

/** JSON that stands in a script element: nothing in it can end the element, or begin a comment in it. */
export function scriptSafe(json: string): string {
  return json.replace(/[<\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
