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
  /** Whether a newer batch has put its own file there already: what is older does not replace it. */
  isOvertaken(name: string): Promise<boolean>;
}

/** What lies under a name. `no file`: a folder, for example. */
export type Found = "nothing" | "the same" | "another" | "no file";

/** What is done about what lies under one of a parcel's names. */
type Move = "keep" | "take" | "replace" | "next";

/**
 * Goes through the names that a parcel may get, in order, until it lies under one of them; resolves to that.
 * @param put gives it the name; false: somebody else was quicker, so it is looked at again
 */
export async function settleName(
  parcel: Parcel,
  { isOvertaken }: Guards,
  look: (name: string) => Promise<Found>,
  put: (name: string, how: "take" | "replace") => Promise<boolean>,
): Promise<string> {
  const [own, beside] = placeNames(parcel.name, parcel.batchId);
  for (const name of [own, beside]) {
    for (;;) {
      const move = await moveFor(await look(name), name);
      if (move === "keep") return name;
      if (move === "next") break;
      if (await put(name, move)) return name;
    }
  }
  throw nameTaken(parcel, beside);

  async function moveFor(found: Found, name: string): Promise<Move> {
    if (found === "the same") return "keep";
    if (found === "nothing") return "take";
    // The other name is this batch's alone: what lies there is what is left of an attempt.
    if (name === beside && own !== beside) return found === "another" ? "replace" : "next";
    if (parcel.existing === "keep_both") return "next";
    if (parcel.existing === "refuse" || found === "no file") throw nameTaken(parcel, name);
    return (await isOvertaken(name)) ? "next" : "replace";
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
