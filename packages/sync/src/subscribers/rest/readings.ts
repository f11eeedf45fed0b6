import type { ConnectedSystem, PageContent, PagePlaces, Position, PulledPage } from "@inlet/connectors";
import type { Pull } from "@inlet/contracts";
import { passing } from "../../failure.ts";
import { valueAt } from "../../fields/outside-path.ts";
import type { OutsideValue } from "../../subscriber.ts";
import { parseLossless } from "../../subscriber-http/lossless-json.ts";
import { textAtNames } from "../incoming-item.ts";

/** A page's items as they stand in its answer. */
export interface ReadContent extends PageContent {
  items: readonly OutsideValue[];
}

/** Where a reading goes on. */
export interface ReadingPlace {
  since: string | null;
  position: Position | null;
}

/** Pages that are read one call at a time. */
export interface Readings {
  /** The page at a place; the one after it is on its way already when it is asked for next. */
  page(pull: Pull, place: ReadingPlace, signal: AbortSignal): Promise<PulledPage<ReadContent> | undefined>;
  close(): void;
}

interface Reading {
  pages: AsyncGenerator<PulledPage<ReadContent>, void, undefined>;
  ending: AbortController;
}

/** A poll and a comparison may be under way; what was left off in the middle goes. */
const MOST_READINGS = 4;

/** Reads pages as the connector does, and leaves off between the calls. */
export function openReadings(connect: () => ConnectedSystem): Readings {
  const waiting = new Map<string, Reading>();

  function begin(pull: Pull, { since, position }: ReadingPlace): Reading {
    const ending = new AbortController();
    return { pages: connect().pages({ pull, since, from: position, signal: ending.signal }, readContent), ending };
  }

  function leaveOff(name: string, reading: Reading): void {
    waiting.set(name, reading);
    for (const [oldest, { ending }] of waiting) {
      if (waiting.size <= MOST_READINGS) return;
      waiting.delete(oldest);
      ending.abort();
    }
  }

  return {
    async page(pull, place, signal) {
      const reading = waiting.get(JSON.stringify(place)) ?? begin(pull, place);
      waiting.delete(JSON.stringify(place));
      const end = () => reading.ending.abort(signal.reason);
      signal.addEventListener("abort", end, { once: true });
      try {
        signal.throwIfAborted();
        const { value: page } = await reading.pages.next();
        if (!page) return undefined;
        if (page.next !== null) leaveOff(JSON.stringify({ since: place.since, position: page.next }), reading);
        return page;
      } finally {
        signal.removeEventListener("abort", end);
      }
    },
    close() {
      for (const { ending } of waiting.values()) ending.abort();
      waiting.clear();
    },
  };
}

function readContent(body: Buffer, { items, beside = {}, ofLast = {} }: PagePlaces): ReadContent {
  const answer = parsed(body);
  const list = valueAt(answer, items);
  if (!Array.isArray(list))
    throw passing({ message: "The answer has no list of items where the profile says." }, "outside_answer");
  const texts = (from: OutsideValue, places: Readonly<Record<string, readonly string[]>>) =>
    Object.fromEntries(Object.entries(places).map(([name, names]) => [name, textAtNames(from, names) ?? null]));
  return {
    items: list,
    itemCount: list.length,
    beside: texts(answer, beside),
    ofLast: texts(list.at(-1) ?? null, ofLast),
  };
}

function parsed(body: Buffer): OutsideValue {
  try {
    return parseLossless(body.toString("utf8"));
  } catch (cause) {
    throw passing({ message: "The system answered with something that is no JSON.", cause }, "outside_answer");
  }
}
