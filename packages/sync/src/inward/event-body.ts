import { createHash, createHmac } from "node:crypto";
import { seal, unseal } from "@inlet/runtime";
import { z } from "zod";
import type { IncomingItem } from "../subscriber.ts";
import { isStorable } from "./storable-text.ts";

const incomingItemSchema = z.object({
  id: z.string(),
  key: z.string().optional(),
  isRemoved: z.boolean().optional(),
  fields: z.record(z.string(), z.json()),
  changedAt: z.string().optional(),
  version: z.string().optional(),
});
const itemsSchema = z.array(incomingItemSchema);

/**
 * The items of an event as they are stored until they are worked on: sealed, because systems tell more of a person than a catalog
 * has columns for.
 * @param of the subscription and the event, which the seal holds fast
 */
export function sealItems(key: Buffer, items: readonly IncomingItem[], of: EventOf): Buffer {
  return seal(key, Buffer.from(JSON.stringify(items)), contextOf(of));
}

/** Opens what {@link sealItems} made. @throws InvariantBroken `unseal_failed` */
export function unsealItems(key: Buffer, body: Buffer, of: EventOf): IncomingItem[] {
  return itemsSchema.parse(JSON.parse(unseal(key, body, contextOf(of)).toString("utf8"))) as IncomingItem[];
}

interface EventOf {
  subscriptionId: number;
  eventId: string;
}

const contextOf = ({ subscriptionId, eventId }: EventOf) => `inward:${subscriptionId}:${eventId}`;

const MOST_CHARACTERS = 200;

/** An event's name as it is stored: short ones as they are, of long ones and of what is no text to PostgreSQL a hash. */
export function storedEventId(eventId: string): string {
  if (eventId.length <= MOST_CHARACTERS && isStorable(eventId)) return eventId;
  return `sha256:${createHash("sha256").update(eventId).digest("base64url")}`;
}

const letterSchema = z.object({ sealed: z.string(), mark: z.string(), receivedAt: z.coerce.date() });
/** What is kept of items that were refused: `mark` tells whether they came once more, and nothing else. */
export type LetterBody = z.input<typeof letterSchema>;

interface Refused {
  items: readonly IncomingItem[];
  receivedAt: Date;
}

/** Items as a letter keeps them: sealed like those of events. */
export function sealRefused(key: Buffer, { items, receivedAt }: Refused, subscriptionId: number): LetterBody {
  const text = JSON.stringify(items);
  return {
    sealed: seal(key, Buffer.from(text), letterContext(subscriptionId)).toString("base64"),
    mark: createHmac("sha256", key)
      .update(`${letterContext(subscriptionId)}:${text}`)
      .digest("base64"),
    receivedAt: receivedAt.toISOString(),
  };
}

/** Items that were kept as a letter. @throws InvariantBroken `unseal_failed` */
export function refusedItems(key: Buffer, body: unknown, subscriptionId: number): Refused {
  const { sealed, receivedAt } = letterSchema.parse(body);
  const text = unseal(key, Buffer.from(sealed, "base64"), letterContext(subscriptionId)).toString("utf8");
  return { items: itemsSchema.parse(JSON.parse(text)) as IncomingItem[], receivedAt };
}

const letterContext = (subscriptionId: number) => `inward letter:${subscriptionId}`;
