import { Unavailable } from "@inlet/contracts";

/**
 * An answer that is not what it should be: no JSON, cut off, or without what is looked for. Asked again it may be whole. Its
 * content is not repeated: it is the client's.
 */
export class BrokenAnswer extends Unavailable {
  /** The byte of the answer, from 0, where it is seen. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super({ code: "system_answer_broken", message, context: { offset } });
    this.offset = offset;
  }
}
