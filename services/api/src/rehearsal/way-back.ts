import { count, DEFAULT_DELIVERY } from "@inlet/contracts";
import {
  green,
  notNeeded,
  notSeen,
  type Observed,
  type ObservedBatch,
  red,
  stopped,
  stoppedAt,
  type TableView,
  type Verdict,
  waiting,
} from "./observed.ts";

/** Whether PostgreSQL takes every row. */
export function importing({ batch }: TableView): Verdict {
  const expected = "PostgreSQL takes every row";
  if (batch !== undefined && stoppedAt(batch) === "import") return stopped(batch, expected);
  if (batch === undefined || batch.imported === null) return notSeen(batch, expected);
  return green(`${count(batch.imported, "row")} taken, and given up again`, expected);
}

const WRAPS = { plain: "", zip: ", as a ZIP", pgp: ", encrypted with OpenPGP" } as const;

/** The result with its links, made and put where the client finds it. */
export function result({ profile, batch }: TableView): Verdict {
  if (!profile.links) return notNeeded("the profile has no links");
  const delivery = profile.delivery ?? DEFAULT_DELIVERY;
  const expected = `a file with links${WRAPS[delivery.wrap.as]}`;
  if (batch !== undefined && stoppedAt(batch) === "result") return stopped(batch, expected);
  if (batch === undefined || batch.links === null) return notSeen(batch, expected);
  const links = count(batch.links, "link");
  const [placed] = placedResults(batch);
  if (placed !== undefined) return green(`${links} in ${placed.path}`, expected);
  if (batch.source === "email") return green(links, expected);
  return waiting(expected, null, `${links}, not handed over yet`);
}

const placedResults = ({ deliveries }: ObservedBatch) =>
  deliveries.filter(({ artifact }) => artifact === "result" || artifact === "wrapped_result");

/** One that is too large for an e-mail is put into Downloads instead. */
const wentByEmail = (batch: ObservedBatch) => batch.source === "email" && placedResults(batch).length === 0;

/** Whether the client has taken its result. */
export function resultFetched({ profile, batch }: TableView): Verdict {
  const expected = "fetched by the client";
  if (batch !== undefined && stoppedAt(batch) === "result_fetched") return stopped(batch, expected);
  if (!profile.links) return notNeeded("the profile has no links");
  if (batch === undefined) return notSeen(batch, expected);
  if (wentByEmail(batch)) return notNeeded("the result goes by e-mail");
  if (batch.takenWith !== undefined) return green(`by the API, with the key “${batch.takenWith}”`, expected);
  const placed = placedResults(batch);
  if (placed.length === 0) return notSeen(batch, expected);
  const remote = placed.find(({ destination }) => destination.startsWith("sftp:"));
  if (remote !== undefined) return green(`put onto ${remote.destination.slice(5)}`, "put onto the client's own server");
  const fetched = batch.downloads.filter((download) =>
    placed.some(
      ({ destination, path, deliveredAt }) =>
        destination === `downloads:${download.username}` &&
        path === download.path &&
        download.at >= new Date(deliveredAt),
    ),
  );
  const whole = fetched.find(({ isWhole }) => isWhole);
  if (whole) return green(`by ${whole.username}, to its last byte`, expected);
  const doIt = `Have the client fetch ${placed[0]!.path} by SFTP.`;
  return fetched.length > 0 ? red("not to its end", expected, doIt) : waiting(expected, doIt);
}

/** The flag file after the result. */
export function flagFile({ profile, batch }: TableView): Verdict {
  if (!profile.delivery?.flag) return notNeeded("the profile does not ask for it");
  if (!profile.links) return notNeeded("the profile has no links, so there is no result to announce");
  if (batch !== undefined && wentByEmail(batch)) return notNeeded("the result goes by e-mail");
  const expected = "a flag file after the result";
  const flag = batch?.deliveries.find(({ artifact }) => artifact === "flag");
  return flag ? green(flag.path, expected) : notSeen(batch, expected);
}

/** The error file, where there were errors. */
export function errorFile({ profile, batch }: TableView): Verdict {
  if (!profile.delivery?.errors) return notNeeded("the profile does not ask for it");
  const expected = "an error file where there are errors";
  const placed = batch?.deliveries.find(({ artifact }) => artifact === "errors" || artifact === "wrapped_errors");
  if (placed) return green(placed.path, expected);
  if (batch === undefined) return notSeen(batch, expected);
  return batch.rejected ? notSeen(batch, expected) : notNeeded("no row was rejected");
}

/** Whether somebody has opened one of the links. */
export function linkOpened({ profile, batches }: Observed): Verdict {
  if (!profile.links) return notNeeded("the profile has no links");
  const expected = "a link that opens";
  if (batches.some(({ viewedAt }) => viewedAt !== null)) return green("a link was opened", expected);
  const isThere = batches.some(({ links, imported }) => links !== null && links > 0 && imported !== null);
  return waiting(expected, isThere ? "Open a link out of the result's column landingPage in a browser." : null);
}

/** Whether the servers of those who are to be told have accepted an e-mail. */
export function email({ profile, batches }: Observed): Verdict {
  const { recipients, on } = profile.notify;
  if (recipients.length === 0 || on.length === 0) return notNeeded("the profile names nobody to be told");
  const expected = `accepted for ${recipients.slice(0, 3).join(", ")}${recipients.length > 3 ? ` and ${recipients.length - 3} more` : ""}`;
  const messages = batches.flatMap((batch) => batch.messages).filter(({ event }) => event !== "reply");
  const isTo = (recipient: string) => (message: (typeof messages)[number]) =>
    message.recipient.toLowerCase() === recipient.toLowerCase();
  const missing = recipients.filter((recipient) => !messages.some((m) => isTo(recipient)(m) && m.state === "sent"));
  if (missing.length === 0) {
    const response = messages.find(({ state }) => state === "sent")?.response;
    return green(response ? `the server said: ${response.slice(0, 80)}` : "accepted", expected);
  }
  const failed = messages.find((message) => missing.some((m) => isTo(m)(message)) && message.state === "failed");
  if (failed) {
    const words = failed.error?.message ?? "it was not accepted";
    return red(
      `${failed.recipient}: ${words}`,
      expected,
      "Mend the address in the profile, or the mail server's settings.",
    );
  }
  return waiting(expected, null, batches.length === 0 ? null : `not yet for ${missing.join(", ")}`);
}

/** The answer to a file that came by e-mail. */
export function reply({ profile, batches }: Observed): Verdict {
  if (!profile.email) return notNeeded("no file comes by e-mail");
  const expected = "an answer by e-mail";
  const mailed = batches.filter(({ source }) => source === "email");
  if (mailed.length === 0) {
    return batches.length > 0 ? notNeeded("the file did not come by e-mail") : waiting(expected);
  }
  const replies = mailed.flatMap((batch) => batch.messages.filter(({ event }) => event === "reply"));
  const failed = replies.find(({ state }) => state === "failed");
  const sent = replies.find(({ state }) => state === "sent");
  if (sent) return green(`to ${sent.recipient}`, expected);
  if (failed)
    return red(failed.error?.message ?? "it was not accepted", expected, "See to the mail server's settings.");
  return waiting(expected);
}
