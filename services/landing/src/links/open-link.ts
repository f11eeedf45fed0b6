import type { IncomingHttpHeaders } from "node:http";
import { AppError, Unavailable } from "@inlet/contracts";
import { type ParsedToken, parseToken, type Recipient, type Recipients, verifyToken } from "@inlet/purl";
import type { MissBudget } from "../limits/miss-budget.ts";
import type { Hosts } from "./hosts.ts";
import type { LinkBook } from "./link-book.ts";
import { isEndedLink, isReleased, type LinkedBatch, type OpenBatch } from "./linked-batch.ts";

/** A link that may be shown, with the recipient it is for. */
export interface OpenedLink {
  batch: OpenBatch;
  /** The recipient's record in the client's file, from 1. */
  recordNumber: number;
  recipient: Recipient;
  /** The address that it was opened under, without a trailing slash: the hub's, or the project's own. */
  address: string;
}

/** Of a request, what decides whether a link opens. */
export interface Visit {
  /** The visitor's address. Not cheap: whom to believe is found out by asking. */
  readonly ip: string;
  /** What the visitor takes us for, by the word of a trusted proxy where there is one. Not cheap, either. */
  readonly host: string;
  readonly headers: IncomingHttpHeaders;
}

/** Where no proxy says anything the host is what the visitor says. */
function hostOf(visit: Visit): string {
  return visit.headers["x-forwarded-host"] === undefined ? (visit.headers.host ?? "") : visit.host;
}

interface Deps {
  book: LinkBook;
  recipients: Recipients;
  budget: MissBudget;
  hosts: Hosts;
}

/**
 * Opens a link for a visitor. Undefined for all that does not open, without a difference: no token, a forged one, one of
 * another installation, taken back, expired, not released yet, or asked for at an address that is not its own.
 * @throws Unavailable when it cannot be known now: PostgreSQL or the disk is away, or this address has guessed too often
 */
export type OpenLink = (token: string, visit: Visit) => Promise<OpenedLink | undefined>;

/** Makes the opener. When the batch is warm it asks no database: the tag is checked, and one record is read. */
export function linkOpener({ book, recipients, budget, hosts }: Deps): OpenLink {
  async function lookUnlessGuessing(batchId: number, address: string): Promise<LinkedBatch | undefined> {
    if (!budget.hasLeft(address, performance.now())) {
      throw new Unavailable({ code: "too_many_misses", message: "Too many links were tried that lead nowhere." });
    }
    return await book.look(batchId);
  }

  /** The batch that this token was truly made for. */
  async function genuineBatch(parsed: ParsedToken, visit: Visit): Promise<LinkedBatch | undefined> {
    const known = book.recall(parsed.batchId);
    if (known?.key !== undefined) return isGenuine(known, parsed) ? known : undefined;
    const batch = await lookUnlessGuessing(parsed.batchId, visit.ip);
    if (batch !== undefined && isGenuine(batch, parsed)) return batch;
    budget.charge(visit.ip, performance.now());
    return undefined;
  }

  return async (token, visit) => {
    const parsed = parseToken(token);
    if (parsed === undefined) return undefined;
    let batch = await genuineBatch(parsed, visit);
    // Released within the last seconds, perhaps: nobody with a real link is turned away because of what was true before.
    if (batch !== undefined && !isReleased(batch)) batch = await book.look(parsed.batchId);
    if (batch === undefined || !isReleased(batch)) return undefined;
    const { recordNumber } = parsed;
    if (isEndedLink(batch, recordNumber, new Date())) return undefined;
    const address = hosts.addressAt(hostOf(visit), batch.ownAddress);
    if (address === undefined) return undefined;
    const recipient = await recipients.find(batch.files, recordNumber).catch(absent);
    return recipient && { batch, recordNumber, recipient, address };
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
