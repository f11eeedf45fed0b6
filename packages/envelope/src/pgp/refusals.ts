import type { InvalidInput } from "@inlet/contracts";
import { refusal } from "../refusal.ts";

export const damaged = (what: string, cause?: unknown): InvalidInput =>
  refusal("pgp_damaged", `The OpenPGP message is damaged: ${what}; encrypt the file again and send it again.`, {
    cause,
  });

export const truncated = (): InvalidInput => damaged("it ends too early");

export const tampered = (cause?: unknown): InvalidInput =>
  refusal(
    "pgp_tampered",
    "The OpenPGP message was changed after it was encrypted; nothing of it was used. Encrypt the file again and send it again.",
    { cause },
  );

export const layers = (): InvalidInput =>
  refusal("pgp_layers", "The OpenPGP message holds another OpenPGP message; encrypt the data file itself, once.");

export const unsupported = (what: string): InvalidInput =>
  refusal(
    "pgp_unsupported",
    `The OpenPGP message uses ${what}, which is not taken; encrypt it with AES and the usual settings of gpg.`,
  );
