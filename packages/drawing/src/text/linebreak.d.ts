/** The package has no types of its own. */
declare module "linebreak" {
  /** The places where a text may or must be broken into lines (UAX #14). */
  export default class LineBreaker {
    constructor(text: string);
    /** `position`: UTF-16 units from the text's begin, behind the blanks. Null after the last one, the text's end. */
    nextBreak(): { position: number; required: boolean } | null;
  }
}
