import type { StoredFile } from "@inlet/contracts";

/** What an e-mail says, in both of its forms. */
export interface Worded {
  subject: string;
  text: string;
  html: string;
  /** The stored files that go with it. */
  attached?: readonly StoredFile[];
}
