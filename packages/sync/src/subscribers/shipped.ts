import type { Subscriber } from "../subscriber.ts";

/** The kinds of outside systems that come with Inlet. */
export const SHIPPED_SUBSCRIBERS: readonly Subscriber[] = [];
