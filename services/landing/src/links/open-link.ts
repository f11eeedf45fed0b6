import { AppError, Unavailable } from "@inlet/contracts";
import { type ParsedToken, parseToken, type Recipient, type Recipients, verifyToken } from "@inlet/purl";
import type { MissBudget } from "../limits/miss-budget.ts";
import type { LinkBook } from "./link-book.ts";
import { isEndedLink, isReleased, type LinkedBatch, type OpenBatch } from "./linked-batch.ts";

/** A link that may be shown, with the recipient it is for. */
export interface OpenedLink {
  batch: OpenBatch;
  recipient: Recipient;
}

interface Deps {
  book: LinkBook;
  recipients: Recipients;
  budget: MissBudget;
}

/**
 * Opens a link for somebody at `address`. Undefined for all that does not open, without a difference: no token, a forged
 * one, one of another installation, taken back, expired, not released yet.
 * @throws Unavailable when it cannot be known now: PostgreSQL or the disk is away, or this address has guessed too often
 */
export type OpenLink = (token: string, address: string) => Promise<OpenedLink | undefined>;

/** Makes the opener. When the batch is warm it asks no database: the tag is checked, and one record is read. */
export function linkOpener({ book, recipients, budget }: Deps): OpenLink {
  async function lookUnlessGuessing(batchId: number, address: string): Promise<LinkedBatch | undefined> {
    if (!budget.hasLeft(address, performance.now())) {
      throw new Unavailable({ code: "too_many_misses", message: "Too many links were tried that lead nowhere." });
    }
    return await book.look(batchId);
  }

  /** The batch that this token was truly made for. */
  async function genuineBatch(parsed: ParsedToken, address: string): Promise<LinkedBatch | undefined> {
    const known = book.recall(parsed.batchId);
    if (known?.key !== undefined) return isGenuine(known, parsed) ? known : undefined;
    const batch = await lookUnlessGuessing(parsed.batchId, address);
    if (batch !== undefined && isGenuine(batch, parsed)) return batch;
    budget.charge(address, performance.now());
    return undefined;
  }

  return async (token, address) => {
    const parsed = parseToken(token);
    if (parsed === undefined) return undefined;
    let batch = await genuineBatch(parsed, address);
    // Released within the last seconds, perhaps: nobody with a real link is turned away because of what was true before.
    if (batch !== undefined && !isReleased(batch)) batch = await book.look(parsed.batchId);
    if (batch === undefined || !isReleased(batch)) return undefined;
    if (isEndedLink(batch, parsed.recordNumber, new Date())) return undefined;
    const recipient = await recipients.find(batch.files, parsed.recordNumber).catch(absent);
    return recipient && { batch, recipient };
  };
}

function isGenuine(batch: LinkedBatch, parsed: ParsedToken): boolean {
  return batch.key !== undefined && verifyToken(batch.key, parsed);
}

/** The batch's files were deleted a moment ago: its links are gone with them. */
function absent(error: unknown): undefined {
  if (error instanceof AppError && error.code === "blob_missing") return undefined;
  throw error;
}
