import type { Subscriber } from "../subscriber.ts";
import { postgres } from "./postgres/postgres.ts";
import { rest } from "./rest/rest.ts";
import { sftpFile } from "./sftp-file/sftp-file.ts";
import { stripe } from "./stripe/stripe.ts";
import { webhook } from "./webhook.ts";

/** The kinds of outside systems that come with Inlet. */
export const SHIPPED_SUBSCRIBERS: readonly Subscriber[] = [postgres, rest, sftpFile, stripe, webhook];
