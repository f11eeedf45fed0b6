/** What an e-mail says, in both of its forms. */
export interface Worded {
  subject: string;
  text: string;
  html: string;
}
