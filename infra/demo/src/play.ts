import type { Hub } from "./hub.ts";
import { openLive } from "./live.ts";
import { countSent, mailIds, newMails, type SentMail } from "./mails.ts";
import type { Paint } from "./paint.ts";
import { readReturned } from "./result.ts";
import type { Wave } from "./scenario.ts";
import { awaitReports, send } from "./shipment.ts";
import type { Outcome } from "./summary.ts";

const ISSUES_ASKED_FOR = 50;
const REPORT_TIMEOUT_MS = 60_000;

interface Play {
  hub: Hub;
  waves: readonly Wave[];
  output: NodeJS.WriteStream;
  paint: Paint;
  signal: AbortSignal;
  mailboxUrl: string | undefined;
}

/** Sends wave after wave, draws what happens, and gathers what became of every file. */
export async function playWaves({ hub, waves, output, paint, signal, mailboxUrl }: Play): Promise<{
  outcomes: Outcome[];
  mails: SentMail[];
  mailsSent: number;
}> {
  const before = await mailIds(mailboxUrl);
  for (const { words, shipments } of waves) {
    output.write(`\n  ${paint("bold", words)}\n\n`);
    const tracks = shipments.map(({ track }) => track);
    const live = openLive(output, paint);
    live.update(tracks);
    try {
      await send(hub, shipments, { changed: () => live.update(tracks), signal });
    } finally {
      live.end();
    }
    await awaitReports(hub, shipments, { timeoutMs: REPORT_TIMEOUT_MS, signal });
  }
  const shipments = waves.flatMap((wave) => wave.shipments);
  const outcomes: Outcome[] = [];
  for (const shipment of shipments) {
    const { batch, login } = shipment;
    outcomes.push({
      shipment,
      returned: batch && (await readReturned(batch, login)),
      issues: batch && batch.issueCount > 0 ? await hub.issues(batch.id, ISSUES_ASKED_FOR) : undefined,
    });
  }
  const mails = mailboxUrl === undefined ? [] : await newMails(mailboxUrl, before);
  return { outcomes, mails, mailsSent: countSent(shipments) };
}
