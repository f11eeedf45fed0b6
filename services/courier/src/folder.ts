import { Misconfigured } from "@inlet/contracts";
import type { Fence } from "./fence.ts";
import { isResult, type Parcel } from "./parcel.ts";
import { placeNames } from "./place-names.ts";

/** A folder that files are delivered into, here or on a client's server. */
export interface Folder {
  /**
   * Puts a file there: whole, under its own name or, beside another one, under a name of its own. The same bytes under
   * that name are this file. Resolves to the name.
   * @throws Misconfigured `name_taken`
   */
  put(parcel: Parcel): Promise<string>;
  /** Writes an empty flag file. */
  flag(name: string): Promise<void>;
}

/** What stops an attempt that is not ours any more, or that came too late. */
export interface Guards {
  signal: AbortSignal;
  fence: Fence;
  /**
   * Gives a file a name that other batches' files may get, too, one after the other. `overtaken`: a newer batch has put its
   * own file there, and what is older does not replace it.
   */
  inTurn(parcel: Parcel, name: string, put: () => Promise<boolean>): Promise<boolean | "overtaken">;
}

/** What lies under a name. `no file`: a folder, for example. */
export type Found = "nothing" | "the same" | "another" | "no file";

/** Gives a file its name, when nobody else is about to. */
type Turn = (rename: () => Promise<boolean>) => Promise<boolean | "overtaken">;

/** What is done about what lies under one of a parcel's names. */
type Move = "keep" | "take" | "replace" | "next";

/**
 * Goes through the names that a parcel may get, in order, until it lies under one of them; resolves to that.
 * @param put makes all ready and then gives it the name, `inTurn`; false: somebody else was quicker, so it is looked at again
 */
export async function settleName(
  parcel: Parcel,
  { inTurn }: Pick<Guards, "inTurn">,
  look: (name: string) => Promise<Found>,
  put: (name: string, how: "take" | "replace", inTurn: Turn) => Promise<boolean | "overtaken">,
): Promise<string> {
  const [own, beside] = placeNames(parcel.name, parcel.batchId);
  for (const name of [own, beside]) {
    for (;;) {
      const move = moveFor(await look(name), name);
      if (move === "keep") return name;
      if (move === "next") break;
      const isContested = parcel.existing === "replace" && name === own;
      const done = await put(name, move, isContested ? (rename) => inTurn(parcel, name, rename) : (rename) => rename());
      if (done === "overtaken") break;
      if (done) return name;
    }
  }
  throw nameTaken(parcel, beside);

  function moveFor(found: Found, name: string): Move {
    if (found === "nothing") return "take";
    // The other name is this batch's alone: what lies there is what is left of an attempt.
    if (name === beside && own !== beside) {
      return found === "the same" ? "keep" : found === "another" ? "replace" : "next";
    }
    if (parcel.existing === "replace") {
      if (found === "no file") throw nameTaken(parcel, name);
      // Also the same bytes: an older file that is on its way here must find this one in the books.
      return "replace";
    }
    if (found === "the same") return "keep";
    if (parcel.existing === "keep_both") return "next";
    throw nameTaken(parcel, name);
  }
}

function nameTaken({ artifact, existing, batchId }: Parcel, name: string): Misconfigured {
  const ours = isResult(artifact) ? "The result" : "The error file";
  const policy = existing === "refuse" ? "is not put over it or beside it (existing: refuse)" : "cannot be put over it";
  return new Misconfigured({
    code: "name_taken",
    message: `${ours} of batch ${batchId} was not delivered: something else is called ${name} where it belongs, and it ${policy}. It is kept. Have what is there taken away or renamed, and retry the batch.`,
  });
}
