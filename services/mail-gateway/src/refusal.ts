/** An answer that smtp-server gives to the other side. */
export class SmtpRefusal extends Error {
  readonly responseCode: number;

  /** @param text begins with the enhanced status code (RFC 3463), such as `5.7.1` */
  constructor(responseCode: number, text: string) {
    super(text);
    this.name = "SmtpRefusal";
    this.responseCode = responseCode;
  }
}

/** The message has to come again: something of ours is away. */
export const comeAgain = (): SmtpRefusal =>
  new SmtpRefusal(451, "4.3.0 The message cannot be taken at the moment. Try again later.");

/** To a stranger, and to machines: no more than that. Why is in the audit. */
export const notTaken = (): SmtpRefusal => new SmtpRefusal(550, "5.7.1 The message is not taken here.");
