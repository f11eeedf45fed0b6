import { jsonPathNames, type RestReading } from "@inlet/contracts";
import { BrokenAnswer } from "../broken-answer.ts";
import type { PageContent, PagePlaces, Position } from "../connector.ts";
import { nextLink } from "./link-header.ts";

type Paging = RestReading["paging"];

/** What a page is asked for with, besides what every page is: parameters, or a place of its own (path and query). */
export interface PageAsked {
  parameters: Record<string, string | number>;
  link?: string;
}

/** Where what follows lies in an answer. */
export function pagePlaces({ items, paging, count }: RestReading): PagePlaces {
  return {
    items: items === undefined ? [] : jsonPathNames(items),
    beside: {
      ...((paging.by === "cursor" || paging.by === "next") && { next: jsonPathNames(paging.path) }),
      ...(paging.by === "last_item" && paging.more !== undefined && { more: jsonPathNames(paging.more) }),
      ...(count?.in === "body" && { count: jsonPathNames(count.path) }),
    },
    ...(paging.by === "last_item" && { ofLast: { field: jsonPathNames(paging.field) } }),
  };
}

/** @param position null: the first page */
export function pageAsked(paging: Paging, pageSize: number, position: Position | null): PageAsked {
  const size = "limit" in paging && paging.limit !== undefined ? { [paging.limit]: pageSize } : {};
  const at = (name: string) => {
    const value = position?.[name];
    return value === null || value === undefined || typeof value === "boolean" ? undefined : value;
  };
  const word = (parameter: string, value: string | number | undefined) =>
    value === undefined ? {} : { [parameter]: value };
  switch (paging.by) {
    case "none":
      return { parameters: {} };
    case "offset":
      return { parameters: { [paging.offset]: at("offset") ?? 0, ...size } };
    case "page":
      return { parameters: { [paging.page]: at("at") ?? paging.first, [paging.size]: pageSize } };
    case "cursor":
      return { parameters: { ...word(paging.parameter, at("cursor")), ...size } };
    case "last_item":
      return { parameters: { ...word(paging.parameter, at("after")), ...size } };
    case "link":
    case "next": {
      const link = at("link");
      return typeof link === "string" ? { parameters: {}, link } : { parameters: size };
    }
  }
}

interface Answered {
  content: PageContent;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  position: Position | null;
}

/**
 * Where the page after one is, by what it says; null: there is none. Systems give fewer items than they are asked for where they
 * have a limit of their own, so a short page says nothing: only one without items ends pages that are counted.
 * @param within a link as it may be kept: see {@link linkWithin}
 */
export function nextPage(
  paging: Paging,
  { content, headers, position }: Answered,
  within: (link: string) => string,
): Position | null {
  const { itemCount, beside, ofLast } = content;
  const number = (name: string, otherwise: number) => {
    const value = position?.[name];
    return typeof value === "number" ? value : otherwise;
  };
  switch (paging.by) {
    case "none":
      return null;
    case "offset":
      return itemCount === 0 ? null : { offset: number("offset", 0) + itemCount };
    case "page":
      return itemCount === 0
        ? null
        : { at: number("at", paging.first) + 1, received: number("received", 0) + itemCount };
    case "cursor":
      return isWord(beside.next) ? { cursor: beside.next } : null;
    case "last_item": {
      if (itemCount === 0 || (paging.more !== undefined && beside.more !== "true")) return null;
      if (!isWord(ofLast.field))
        throw new BrokenAnswer(`the last item has no ${paging.field}, which the next page is asked for with`, 0);
      return { after: ofLast.field };
    }
    case "link": {
      const link = nextLink(headers.link);
      return link === null ? null : { link: within(link) };
    }
    case "next":
      return isWord(beside.next) ? { link: within(beside.next) } : null;
  }
}

/** How many items came before the page at a position; undefined: its kind of paging does not say. */
export function receivedBefore(paging: Paging, position: Position | null): number | undefined {
  if (paging.by !== "offset" && paging.by !== "page") return undefined;
  const value = position?.[paging.by === "offset" ? "offset" : "received"];
  return typeof value === "number" ? value : 0;
}

const isWord = (text: string | null | undefined): text is string =>
  text !== null && text !== undefined && text !== "" && text !== "false";
