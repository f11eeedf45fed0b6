import type { Subscriber } from "../subscriber.ts";
import { webhook } from "./webhook.ts";

/** The kinds of outside systems that come with Inlet. */
export const SHIPPED_SUBSCRIBERS: readonly Subscriber[] = [webhook];
