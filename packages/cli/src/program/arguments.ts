import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import type { GlobalOptions } from "../session.ts";

/** Sets the exit code of a command that ended without an error. */
export type SetExitCode = (code: number) => void;

/** A command's own options with the global ones, wherever on the line they stood. */
export function all<Options>(command: Command): Options & GlobalOptions {
  return command.optsWithGlobals();
}

/** A whole number of up to 15 digits. */
export const number = (text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("a whole number is needed.");
  return Number(text);
};
/** An option that may be given several times. */
export const collect = (value: string, before: string[] | undefined) => [...(before ?? []), value];
/** So many days, up to ten years. */
export const days = (text: string): number => {
  const wanted = number(text);
  if (wanted < 1 || wanted > 3650) throw new InvalidArgumentError("a number from 1 to 3650 is needed.");
  return wanted;
};
/** A batch, by its number. */
export const batchArgument = () =>
  new Argument("<batch>", "the batch's number, as `inlet status` lists it").argParser(number);
/** What somebody may do, all told. */
export const roleOption = () =>
  new Option("--role <role>").choices(["admin", "operator", "client", "viewer"]).makeOptionMandatory();
