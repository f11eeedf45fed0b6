import { Misconfigured } from "@inlet/contracts";

/** A subscriber whose pages would never come to an end. */
export const staysInPlace = (name: string) =>
  new Misconfigured({
    code: "subscriber_broken",
    message: `Subscription ${name}: a page says that there are more, but its cursor is the one that it was asked with. Mend the subscriber.`,
  });
