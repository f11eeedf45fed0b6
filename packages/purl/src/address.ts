import { InvariantBroken } from "@inlet/contracts";

/** Which record of which batch a link is for: 5 bytes each, big-endian. */
export const ADDRESS_BYTES = 10;
/** One block of AES: the whole of it, so that a guess is right once in 2^128. */
export const TAG_BYTES = 16;
/** A link key: AES-256. */
export const LINK_KEY_BYTES = 32;
/** The greatest batch or record number that an address can hold. */
export const MAX_NUMBER = 2 ** 40 - 1;

/**
 * Fills an address up to one AES block, and says what the block is for: should a link key ever be used for anything else,
 * its blocks end in other bytes.
 */
export const BLOCK_LABEL = Buffer.from("purl.1", "ascii");

/** A link's address. */
export interface Address {
  /** From 1. */
  batchId: number;
  /** The record's number in the client's file, from 1; rejected records count. */
  recordNumber: number;
}

/** @throws InvariantBroken for what is no batch or record number, or does not fit into 5 bytes */
export function assertAddressable(what: "batch" | "record", number: number): void {
  if (Number.isSafeInteger(number) && number >= 1 && number <= MAX_NUMBER) return;
  throw new InvariantBroken({
    code: "link_address_invalid",
    message: `A link cannot be addressed to ${what} ${number}: it takes a whole number from 1 to ${MAX_NUMBER}.`,
  });
}

/** @throws InvariantBroken when it is no link key; the key itself is not told */
export function assertLinkKey(key: Uint8Array): void {
  if (key.length === LINK_KEY_BYTES) return;
  throw new InvariantBroken({
    code: "link_key_invalid",
    message: `A link key has ${LINK_KEY_BYTES} bytes, this one has ${key.length}.`,
  });
}

/** Writes the block whose encryption is the tag: address ‖ label. */
export function writeBlock(target: Buffer, position: number, { batchId, recordNumber }: Address): void {
  target.writeUIntBE(batchId, position, 5);
  target.writeUIntBE(recordNumber, position + 5, 5);
  target.set(BLOCK_LABEL, position + ADDRESS_BYTES);
}
