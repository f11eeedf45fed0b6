import { LANDING_LANGUAGES, type LandingWords, landingWords } from "../words/landing-words.ts";
import { type Document, document } from "./document.ts";
import { html } from "./html.ts";
import { styleOf } from "./style.ts";

/** No brand's colour: these pages know of no batch. */
const NEUTRAL = "#4a5468";

function notice({ language, direction }: LandingWords, [title, text]: readonly [string, string]): Document {
  return document({
    language,
    direction,
    title,
    style: styleOf(NEUTRAL),
    body: html`<main class="notice"><div class="words">
<h1>${title}</h1>
<p>${text}</p>
</div></main>`,
  });
}

const noticesOf = (part: "notFound" | "busy") =>
  new Map(LANDING_LANGUAGES.map(landingWords).map((words) => [words.language, notice(words, words[part])] as const));

/** For all that does not open: one page in each language, so that nothing else can be learnt from it. */
export const NOT_FOUND: ReadonlyMap<string, Document> = noticesOf("notFound");

/** For what may be there, and cannot be shown right now. */
export const BUSY: ReadonlyMap<string, Document> = noticesOf("busy");
