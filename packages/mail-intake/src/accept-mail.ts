import type { Database } from "@inlet/database";
import type { Publisher } from "@inlet/pipeline";
import type { Logger } from "@inlet/runtime";
import type { Delivery, Outcome, ReadMail } from "./mail.ts";

/** What taking files from messages needs. */
export interface MailIntake {
  database: Database;
  publisher: Pick<Publisher, "arrivals" | "messages">;
  dataFolder: string;
  logger: Logger;
}

/**
 * Takes the files of a message, once however often it is delivered: when this resolves, everything is synced and committed,
 * and the message may be acknowledged to whoever brought it.
 * @throws Unavailable when PostgreSQL or the disk is away: nothing was taken, and the message must come again
 */
export declare function acceptMail(intake: MailIntake, mail: ReadMail, delivery: Delivery): Promise<Outcome>;
