import type { Profile } from "@inlet/contracts";
import type { Logger } from "@inlet/runtime";
import type { SubscriptionHost } from "../subscriptions/subscription-host.ts";
import type { InwardRules } from "./inward-parts.ts";

/** Where the figures of what comes inward go. */
export interface InwardFigures {
  /** Items by what became of them. */
  counted(outcome: "changed" | "unchanged" | "refused", count: number): void;
  /** A poll, an event or a comparison failed, and is tried again. */
  failed(what: "event" | "poll" | "reconciliation"): void;
}

/** How one process takes what comes inward. */
export interface InwardOptions extends SubscriptionHost {
  logger: Logger;
  figures: InwardFigures;
  rules: InwardRules;
  /** Told after each commit that wrote changes of a catalog. */
  written(catalogId: number): void;
  /** Names this process in leases. */
  worker: string;
  leaseMs: number;
  /** Before the first retry of what failed. */
  retryMs: number;
  /** How often PostgreSQL is asked for what is due. */
  lookMs: number;
}

/** The same, at work. */
export interface InwardWork extends InwardOptions {
  /** The version of a project's profile that a subscription goes by. */
  profileAt(projectId: number, version: number): Promise<Profile>;
}
