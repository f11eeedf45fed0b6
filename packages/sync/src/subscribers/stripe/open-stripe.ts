import type { Stripe } from "stripe";
import type { OutsideValue, SubscriberContext } from "../../subscriber.ts";
import type { StripeSettings } from "./settings.ts";

const TIMEOUT_MS = 30_000;

/** What of Stripe's API every kind of object has. */
export interface StripeObjects {
  create(params: object, options: { idempotencyKey: string }): Promise<StripeObject>;
  update(id: string, params: object, options: { idempotencyKey: string }): Promise<StripeObject>;
  del(id: string): Promise<unknown>;
  list(params: { limit: number; starting_after?: string }): Promise<{ data: StripeObject[]; has_more: boolean }>;
  /** What was made a moment ago is not found yet (https://docs.stripe.com/search#data-freshness). */
  search(params: { query: string; limit: number }): Promise<{ data: StripeObject[] }>;
}

export interface StripeObject {
  id: string;
  metadata?: Record<string, string> | null;
  [name: string]: OutsideValue | undefined;
}

/** The SDK, whose requests go the guarded way, each with the signal of the call that it was made for. */
export interface OpenStripe {
  of(context: SubscriberContext<StripeSettings, OpenStripe>): { stripe: Stripe; objects: StripeObjects };
  close(): void;
}

/** The SDK is large: it is loaded where somebody uses it. */
export async function openStripe(): Promise<OpenStripe> {
  const { default: Sdk } = await import("stripe");
  return {
    of({ settings, secrets, http }) {
      const { protocol, hostname, port } = new URL(settings.url);
      const stripe = new Sdk(secrets.apiKey!, {
        httpClient: Sdk.createFetchHttpClient(http.fetch),
        ...{ protocol: protocol === "http:" ? "http" : "https", host: hostname },
        port: port || (protocol === "http:" ? 80 : 443),
        timeout: TIMEOUT_MS,
        // The framework retries, with what it knows of the others that wait.
        maxNetworkRetries: 0,
        telemetry: false,
      });
      const objects = settings.object === "customer" ? stripe.customers : stripe.products;
      return { stripe, objects: objects as unknown as StripeObjects };
    },
    close() {},
  };
}
