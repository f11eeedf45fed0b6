import { type Document, document } from "./document.ts";
import { html } from "./html.ts";
import { styleOf } from "./style.ts";

/** No brand's colour: these pages know of no batch. */
const NEUTRAL = "#4a5468";

function notice(title: string, text: string): Document {
  return document({
    title,
    style: styleOf(NEUTRAL),
    images: false,
    body: html`<main class="notice"><div class="words">
<h1>${title}</h1>
<p>${text}</p>
</div></main>`,
  });
}

/** For all that does not open: one page, so that nothing can be learnt from it. */
export const NOT_FOUND = notice(
  "This link does not open",
  "It may be out of date, or a part of it may be missing. Please open it once more from the message you were sent.",
);

/** For what may be there, and cannot be shown right now. */
export const BUSY = notice(
  "One moment, please",
  "This page cannot be shown right now. Please try again in a little while.",
);
