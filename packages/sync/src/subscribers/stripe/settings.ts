import { z } from "zod";

/** What a profile says of a Stripe account. */
export const stripeSettingsSchema = z.strictObject({
  /** What a catalog's items are there. */
  object: z.enum(["customer", "product"]),
  /** Where Stripe's API is: for a double in tests. */
  url: z.url({ protocol: /^https?$/ }).default("https://api.stripe.com"),
});
export type StripeSettings = z.infer<typeof stripeSettingsSchema>;

/** The field of Stripe's `metadata` that holds our key. */
export const KEY_FIELD = "inlet_key";

/** The events that tell of an object (https://docs.stripe.com/api/events/types). */
export const eventTypes = ({ object }: StripeSettings): string[] =>
  ["created", "updated", "deleted"].map((what) => `${object}.${what}`);
