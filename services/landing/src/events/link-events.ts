import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { LinkEventKind, PageEvent } from "@inlet/contracts";
import { createEventBudget } from "../limits/event-budget.ts";
import type { OpenedLink } from "../links/open-link.ts";
import type { EventBook } from "./event-book.ts";
import { visitorOf } from "./visitor.ts";

/** What of a request says who sends it. */
interface Fetching {
  method: string;
  headers: IncomingHttpHeaders;
}

/** Counts what happens to links. Nothing of the visitor is kept but which of three kinds they say they are. */
export interface LinkEvents {
  /** Something of the link was fetched. */
  fetched(link: OpenedLink, kind: Extract<LinkEventKind, "thumbnail" | "page" | "video">, request: Fetching): void;
  /** The page's script tells something. */
  told(link: OpenedLink, event: PageEvent, request: Fetching): void;
}

/** Counts into `book`. */
export function linkEvents(book: EventBook): LinkEvents {
  const budget = createEventBudget();
  // Drawn once: for each of thousands of events a second it would cost as much as the rest of noting it.
  const process = randomBytes(9).toString("base64url");
  let fetches = 0;

  function note(
    link: OpenedLink,
    event: { key: string; kind: LinkEventKind; detail: string | null },
    request: Fetching,
  ): void {
    const { batchId } = link.batch;
    const { recordNumber: record } = link;
    if (!budget.take(`${batchId}:${record}`, performance.now())) return;
    book.note({
      batchId,
      record,
      ...event,
      visitor: visitorOf(event.kind, request.method, request.headers),
      at: new Date(),
    });
  }

  return {
    fetched(link, kind, request) {
      if (isLaterPart(request.headers.range)) return;
      fetches += 1;
      note(link, { key: `${process}.${fetches.toString(36)}`, kind, detail: null }, request);
    },
    told: (link, { view, kind, detail }, request) =>
      note(link, { key: [view, kind, detail].filter(Boolean).join(" "), kind, detail: detail ?? null }, request),
  };
}

/** Players fetch a film piece by piece, and Safari asks for its first two bytes before: the piece from its begin on counts. */
function isLaterPart(range: string | undefined): boolean {
  return range !== undefined && !/^bytes=0-(?!1$)/.test(range);
}
