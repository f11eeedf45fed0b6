import type { Publisher } from "@inlet/pipeline";
import type { Logger } from "@inlet/runtime";
import type { SubscriptionHost } from "../subscriptions/subscription-host.ts";

/** What became of a change: taken, known to be there already, refused and tried again, or given up. */
export type PushOutcome = "pushed" | "skipped" | "refused" | "dead";

/** Where the engine's figures go. */
export interface OutwardFigures {
  counted(outcome: PushOutcome, count: number): void;
  /** One call of a subscriber, answered or not. */
  called(durationMs: number): void;
  /** A subscription's other side takes nothing just now. */
  failed(): void;
}

/** How one process runs subscriptions. */
export interface OutwardOptions extends SubscriptionHost {
  logger: Logger;
  figures: OutwardFigures;
  /** Where it is heard that changes were numbered. A hint: PostgreSQL is asked either way. */
  publisher: Pick<Publisher, "watchCatalogs" | "messages">;
  /** The service's name, by which its processes know how many they are. */
  service: string;
  /** Subscriptions at most. */
  most: number;
  leaseMs: number;
  /** Before the first retry. */
  retryMs: number;
  /** The people of a project are told of a subscription that has taken nothing for so long. */
  tellAfterMs: number;
  /** How often PostgreSQL is asked for what is free, due, or asked for by people. */
  lookMs: number;
}
