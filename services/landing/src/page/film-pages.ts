import { createHash, hash, randomBytes } from "node:crypto";
import { type Film, filmOf, openVariants, type PageWords, pageWordsOf, type Row, type Shown } from "@inlet/storyboard";
import { Lru } from "../limits/lru.ts";
import { rowOfRecipient } from "../links/link-film.ts";
import type { OpenBatch, ShownStoryboard } from "../links/linked-batch.ts";
import type { OpenedLink } from "../links/open-link.ts";
import type { Document } from "./document.ts";
import { FILM_DATA_START, filmPage, scriptSafe, titleClass } from "./film-page.ts";
import { escapeHtml } from "./html.ts";

/** A recipient's page with a name of its content. */
export interface TaggedDocument extends Document {
  /** Such as `"…"`: the same for the same bytes. */
  etag: string;
}

/** Of a link, what its page is made of. */
export interface FilmLink extends Pick<OpenedLink, "recipient" | "address"> {
  batch: Pick<OpenBatch, "sender" | "rehearsal">;
}

/** Pages with films by what makes them differ: each of these holds up to {@link MOST_VARIANTS} pages of some 20 KB. */
const MOST_KINDS = 40;
const MOST_VARIANTS = 48;

/**
 * Makes the pages of links with films. What is the same in the pages of many recipients is made once, and of each only its words
 * are put in: some 15 µs instead of 150.
 * @param script the name of the player's script
 */
export function openFilmPages(
  script: string,
): (link: FilmLink, shown: ShownStoryboard, token: string) => TaggedDocument {
  const kinds = new Lru<string, (row: Row) => Shown<Stencil> | undefined>(MOST_KINDS);

  function stencilsOf({ batch, address }: FilmLink, shown: ShownStoryboard) {
    const { sender, rehearsal } = batch;
    const name = JSON.stringify([shown.projectId, shown.version, sender, rehearsal, address]);
    let stencils = kinds.get(name);
    if (stencils === undefined) {
      const mark = markWith(randomBytes(6).toString("hex"));
      stencils = openVariants(shown.storyboard, {
        ...{ assets: shown.assets, most: MOST_VARIANTS, mark },
        make: (film, words) => makeStencil({ film, words, mark, sender, rehearsal, address, script }),
      });
      kinds.set(name, stencils);
    }
    return stencils;
  }

  return (link, shown, token) => {
    const found = stencilsOf(link, shown)(rowOfRecipient(link.recipient));
    return found === undefined ? wholePage(link, shown, token, script) : filled(found.made, found.texts, token);
  };
}

/** All of a page by itself: for a storyboard that has more kinds of pages than are kept. */
export function wholePage(link: FilmLink, shown: ShownStoryboard, token: string, script: string): TaggedDocument {
  const { sender, rehearsal } = link.batch;
  const row = rowOfRecipient(link.recipient);
  const [film, words] = [filmOf(shown.storyboard, row, shown), pageWordsOf(shown.storyboard, row, shown)];
  const page = filmPage({
    ...{ film, words, sender, rehearsal, token, script, address: link.address },
    titleClass: titleClass(words.title.text || sender),
  });
  return { ...page, etag: etagOf(page.body) };
}

/** What is put in: the text of this number, the link's token, or what the text of this number makes of the title's size. */
type Filling = { text: number } | "token" | { title: number };

interface Hole {
  filling: Filling;
  /** In the film's data. */
  inJson: boolean;
}

/** A page with holes: there is one part more than there are holes. */
interface Stencil {
  parts: readonly Buffer[];
  holes: readonly Hole[];
  partBytes: number;
  contentSecurityPolicy: string;
  /** Of its bytes. */
  name: string;
}

type Mark = (what: string | number) => string;

/** Characters that no font shows, around something that nobody can guess: no text of anybody's looks like it. */
const markWith =
  (nonce: string): Mark =>
  (what) =>
    `\uE000${nonce}.${what}\uE001`;

interface StencilInput {
  film: Film;
  words: PageWords;
  mark: Mark;
  sender: string;
  rehearsal: boolean;
  address: string;
  script: string;
}

function makeStencil({ mark, words, sender, ...input }: StencilInput): Stencil {
  const title = words.title.text || sender;
  const { body, contentSecurityPolicy } = filmPage({
    ...{ ...input, words, sender },
    token: mark("token"),
    titleClass: title.startsWith(mark("").slice(0, -1)) ? mark(`title${numberIn(title)}`) : titleClass(title),
  });
  const markup = body.toString();
  const dataFrom = markup.indexOf(FILM_DATA_START);
  const parts: Buffer[] = [];
  const holes: Hole[] = [];
  let from = 0;
  const marks = new RegExp(`${mark("").slice(0, -1).replace(".", "\\.")}([a-z]*)(\\d*)\uE001`, "g");
  for (const match of markup.matchAll(marks)) {
    parts.push(Buffer.from(markup.slice(from, match.index)));
    holes.push({ filling: fillingOf(match[1]!, Number(match[2])), inJson: match.index > dataFrom });
    from = match.index + match[0].length;
  }
  parts.push(Buffer.from(markup.slice(from)));
  const name = createHash("sha256").update(JSON.stringify(holes));
  for (const part of parts) name.update(`\0${part.length}\0`).update(part);
  const partBytes = parts.reduce((sum, part) => sum + part.length, 0);
  return { parts, holes, partBytes, contentSecurityPolicy, name: name.digest("base64") };
}

const numberIn = (mark: string) => /(\d+)\uE001$/.exec(mark)![1]!;

function fillingOf(kind: string, number: number): Filling {
  if (kind === "token") return "token";
  return kind === "title" ? { title: number } : { text: number };
}

function filled(
  { parts, holes, partBytes, contentSecurityPolicy, name }: Stencil,
  texts: readonly string[],
  token: string,
): TaggedDocument {
  const fillings = holes.map(({ filling, inJson }) => {
    if (filling === "token") return token;
    if ("title" in filling) return titleClass(texts[filling.title]!);
    return escaped(texts[filling.text]!, inJson);
  });
  // A character of a string is three bytes of UTF-8 at most.
  const room = fillings.reduce((sum, { length }) => sum + length * 3, partBytes);
  const body = Buffer.allocUnsafe(room);
  let at = parts[0]!.copy(body);
  fillings.forEach((filling, index) => {
    at += body.write(filling, at);
    at += parts[index + 1]!.copy(body, at);
  });
  const etag = `"${hash("sha256", `${name}\0${token}\0${texts.join("\0")}`, "base64url").slice(0, 27)}"`;
  return { body: body.subarray(0, at), contentSecurityPolicy, etag };
}

/** Most texts need no escaping, neither in HTML nor in JSON. */
const SPECIAL = /[&<>"'\\\0-\x1f\u2028\u2029\ud800-\udfff]/;

function escaped(text: string, inJson: boolean): string {
  if (!SPECIAL.test(text)) return text;
  return inJson ? scriptSafe(JSON.stringify(text).slice(1, -1)) : escapeHtml(text);
}

/** The name of a page's bytes. */
export function etagOf(body: Buffer): string {
  return `"${hash("sha256", body, "base64url").slice(0, 27)}"`;
}
