import { AppError, Misconfigured } from "@inlet/contracts";
import type { HttpAnswer } from "@inlet/remote-http";
import { utf8Body } from "./answer-text.ts";
import { BrokenAnswer } from "./broken-answer.ts";
import type { PageContent, PagePlaces, Position, PulledPage, PullRequest, ReadPage } from "./connector.ts";
import { openPointers } from "./pointers.ts";
import { brokenAnswerTo } from "./system-faults.ts";

/** A page whose answer is no whole JSON is asked for so often, before the pull is given up. */
const READINGS = 3;
/** Some systems filter after paging, and have pages without items in between; not so many in a row. */
const MOST_EMPTY_PAGES = 1_000;
/** Servers take no longer addresses. */
const LONGEST_WORD = 16_000;

interface PageLoop<Content extends PageContent> {
  request: Pick<PullRequest, "pull" | "from" | "signal">;
  read: ReadPage<Content>;
  places: PagePlaces;
  /**
   * Asks for the page at a position.
   * @param position as `next` gave it; null: the first page
   * @param asked `what` names it in messages: `page 3 of Items`
   */
  ask(position: Position | null, asked: { what: string; signal: AbortSignal }): Promise<HttpAnswer>;
  /** Where the page after it is; null: it was the last. The name `page` is the loop's own. */
  next(page: ReadPageFacts<Content>): Position | null;
  /**
   * Whether it means that the page before was the last when the system refuses to give the next one: `there is none` (404, 416) or
   * `no` (400, 422). Default: never. Systems that say how many items they have need not say which page is the last.
   */
  isEnd?(refusal: "there is none" | "no"): boolean;
}

/** What systems answer when they are asked for a page behind the last. */
const REFUSALS: Readonly<Record<number, "there is none" | "no">> = {
  400: "no",
  404: "there is none",
  416: "there is none",
  422: "no",
};

interface ReadPageFacts<Content extends PageContent> {
  content: Content;
  answer: HttpAnswer;
  position: Position | null;
  /** From 1. */
  number: number;
}

/**
 * The pages of a pull, one after the other; the next one is on its way while the last one is worked on. What is no whole JSON is
 * asked for again. A system that goes round in circles is noticed.
 * @throws Misconfigured `system_pages_repeat`
 * @throws BrokenAnswer, and what `ask` throws
 */
export async function* pageLoop<Content extends PageContent>({
  request,
  read,
  places,
  ask,
  next,
  isEnd = () => false,
}: PageLoop<Content>): AsyncGenerator<PulledPage<Content>, void, undefined> {
  const { pull, from, signal } = request;
  const ending = new AbortController();
  const both = AbortSignal.any([signal, ending.signal]);
  const pointers = openPointers(from);
  const nameOf = (number: number) => `page ${number} of ${pull.resource}`;
  let position = from;
  let number = typeof from?.page === "number" ? from.page : 1;
  let before: Buffer | undefined;
  let emptyPages = 0;
  const start = () => {
    const asked = ask(position, { what: nameOf(number), signal: both });
    // Whoever stops working on pages hears nothing more of the one that was on its way.
    asked.catch(() => {});
    return asked;
  };

  let coming = start();
  try {
    while (true) {
      const whole = await readWhole(coming, start);
      if (whole === null) return;
      const { answer, body, content } = whole;
      if (content.itemCount > 0 && before?.equals(body))
        throw repeats(nameOf(number), "is the same as the page before it");
      emptyPages = content.itemCount === 0 ? emptyPages + 1 : 0;
      if (emptyPages > MOST_EMPTY_PAGES) throw repeats(nameOf(number), `is page ${emptyPages} without items in a row`);
      const following = nextOf({ content, answer, position, number });
      const page = { number, content, next: following === null ? null : { ...following, page: number + 1 } };
      if (following !== null) {
        if (pointers.hasSeen(following)) throw repeats(nameOf(number), "points back to a page that came already");
        before = body;
        position = page.next;
        number += 1;
        coming = start();
      }
      yield page;
      if (following === null) return;
    }
  } finally {
    ending.abort();
  }

  function nextOf(page: ReadPageFacts<Content>): Position | null {
    try {
      const following = next(page);
      checkPosition(following);
      return following;
    } catch (error) {
      throw error instanceof BrokenAnswer ? brokenAnswerTo(nameOf(page.number), error) : error;
    }
  }

  async function readWhole(first: Promise<HttpAnswer>, again: () => Promise<HttpAnswer>) {
    for (let reading = 1, asked = first; ; reading += 1, asked = again()) {
      const answer = await asked.catch((error: unknown) => {
        const refusal = error instanceof AppError ? REFUSALS[Number(error.context.status)] : undefined;
        if (refusal !== undefined && isEnd(refusal)) return null;
        throw error;
      });
      if (answer === null) return null;
      const body = utf8Body(answer);
      try {
        return { answer, body, content: read(body, places) };
      } catch (error) {
        if (!(error instanceof BrokenAnswer)) throw error;
        if (reading === READINGS) throw brokenAnswerTo(nameOf(number), error);
      }
    }
  }
}

/** It is kept between the pages, where nothing holds a NUL, and is sent as a part of an address. */
function checkPosition(position: Position | null): void {
  for (const word of Object.values(position ?? {})) {
    if (typeof word !== "string") continue;
    if (word.length > LONGEST_WORD || word.includes("\0"))
      throw new BrokenAnswer("it names the next page by a word that cannot be kept: too long, or with a NUL in it", 0);
  }
}

const repeats = (page: string, how: string) =>
  new Misconfigured({
    code: "system_pages_repeat",
    message: `The system goes round in circles: ${page} ${how}. Check how the profile says that pages follow each other.`,
    context: { what: page },
  });
