import { InvariantBroken, type ReplyMessage, type StoredFile } from "@inlet/contracts";
import { replySubject } from "./answered.ts";
import { display, displayCount, displayList, displayNumber, displaySize, displayTime } from "./display.ts";
import { type Block, type Fact, type Letter, wordedLetter } from "./letter.ts";
import type { Worded } from "./worded.ts";
import {
  failedSentence,
  findingLabel,
  importedLabel,
  importedSentence,
  linksEnding,
  REHEARSAL_NOTE,
  type StatusWord,
  statusWord,
  toneOf,
} from "./wording.ts";

/** What goes back of a batch: its result and its error file, each as it is wrapped. */
interface GoesBack {
  result: StoredFile | undefined;
  errors: StoredFile | undefined;
  /** They are too large together: they are fetched instead. */
  tooLarge: boolean;
  /** There are errors, in a file that is not wrapped and therefore not mailed. */
  errorsStay: boolean;
}

/**
 * The answer to a file that came by e-mail: what became of it, with the result and the error file. Pure.
 * @throws InvariantBroken when there is a result, but none that is wrapped: an e-mail never carries it in the clear
 */
export function replyMail(message: ReplyMessage): Worded {
  const back = goesBack(message);
  return { ...wordedLetter(replyLetter(message, back)), attached: back.tooLarge ? [] : filesOf(back) };
}

function goesBack({ batch, files, replyBytes }: ReplyMessage): GoesBack {
  const find = (kind: StoredFile["kind"]) => files.find((file) => file.kind === kind);
  const hasResult = batch.status === "completed" || batch.status === "partial";
  const result = hasResult ? find("wrapped_result") : undefined;
  if (hasResult && result === undefined && find("result")) {
    throw new InvariantBroken({
      code: "result_not_wrapped",
      message: `Batch ${batch.batchId} came by e-mail, but its result is neither encrypted nor in a ZIP with a password; it is not mailed. Set delivery.wrap in the profile.`,
    });
  }
  const hasErrors = hasResult || batch.status === "rejected";
  const errors = hasErrors ? find("wrapped_errors") : undefined;
  const sizeBytes = (result?.sizeBytes ?? 0) + (errors?.sizeBytes ?? 0);
  return {
    result,
    errors,
    tooLarge: sizeBytes > replyBytes,
    errorsStay: hasErrors && errors === undefined && find("errors") !== undefined,
  };
}

const filesOf = ({ result, errors }: GoesBack) => [result, errors].filter((file) => file !== undefined);

function replyLetter(message: ReplyMessage, back: GoesBack): Letter {
  const { batch, answered } = message;
  const word = statusWord(batch.status);
  const attention = attentionOf(message, back);
  const findings = findingsOf(message);
  const counts = countsOf(message);
  return {
    subject: replySubject(answered.subject, display(batch.fileName, 100)),
    word,
    tone: toneOf(word),
    heading: `${display(message.title, 100)}, ${display(batch.fileName, 120)}`,
    summary: summaryOf(message, word, back),
    note: message.rehearsal ? REHEARSAL_NOTE : undefined,
    sections: [
      ...(attention.length > 0 ? [{ heading: "What needs attention", blocks: attention }] : []),
      ...fileSections(message, back),
      ...(counts.length > 0 ? [{ heading: "Counts", blocks: counts }] : []),
      ...(findings.length > 0 ? [{ heading: "What was found", blocks: findings }] : []),
    ],
    footer: [
      `Client ${display(message.client, 30)}, project ${display(message.project, 30)}${batch.table === null ? "" : `, table ${display(batch.table, 63)}`}, batch ${batch.batchId}. ${displayTime(message.at)}.`,
      "This message was sent automatically by Inlet, in answer to an e-mail from this address. Send files in new e-mails, to the same address as before.",
    ],
  };
}

/** What happened, and what of it is in this e-mail. */
function summaryOf({ batch, rehearsal }: ReplyMessage, word: StatusWord, back: GoesBack): string {
  const what = outcomeSentence(batch, word, rehearsal);
  if (back.tooLarge)
    return `${what} ${capital(namesOf(back))} too large for an e-mail; see below where to fetch ${filesOf(back).length === 1 ? "it" : "them"}.`;
  return filesOf(back).length === 0 ? what : `${what} ${capital(namesOf(back))} attached.`;
}

/** `the result and the error file are`. */
function namesOf({ result, errors }: GoesBack): string {
  if (result && errors) return "the result and the error file are";
  return result ? "the result is" : "the error file is";
}

function outcomeSentence(batch: ReplyMessage["batch"], word: StatusWord, rehearsal: boolean): string {
  const { imported, rejected } = batch;
  const rows = importedSentence(imported ?? 0, rehearsal);
  switch (word) {
    case "SUCCESS":
      return `The file came through: ${rows}${linksEnding([batch])}`;
    case "PARTIAL":
      return `${rows}, ${displayCount(rejected ?? 0, "row was", "rows were")} left out.`;
    case "FAILED":
      return failedSentence(imported ?? 0, rehearsal);
    case "DUPLICATE":
      return "This file was here before, so it was not imported again.";
    case "SUPERSEDED":
      return "A newer file was imported before this one, so this one was left out.";
    case "CANCELLED":
      return "The work on this file was cancelled.";
    default:
      return "The file was received.";
  }
}

/** Why it is no plain success, and what its sender can do now. */
function attentionOf(message: ReplyMessage, back: GoesBack): Block[] {
  const { batch } = message;
  const blocks: Block[] = [];
  const reason = reasonText(batch);
  if (reason !== undefined) blocks.push({ kind: "labelled", label: "Reason", text: reason });
  const next = nextText(batch, back);
  if (next !== undefined) blocks.push({ kind: "labelled", label: "What to do", text: next });
  return blocks;
}

/**
 * The reason without the sentence of the first finding: findings have a list of their own, of what may stand in an e-mail's
 * open text.
 */
function reasonText({ status, reason, rejected }: ReplyMessage["batch"]): string | undefined {
  if (reason) return display(reason.message.replace(/ The first: .*$/s, ""), 1000);
  switch (status) {
    case "partial":
      return `${displayCount(rejected ?? 0, "row is", "rows are")} invalid.`;
    case "rejected":
      return "The file could not be accepted.";
    case "failed":
      return "The work on this file failed. The file is not at fault.";
    default:
      return undefined;
  }
}

const WHILE_FAILED =
  "We are at it, and there is no need to send the file again. You get another e-mail when it is done.";

function nextText({ status, table }: ReplyMessage["batch"], back: GoesBack): string | undefined {
  const hasErrorFile = back.errors !== undefined || back.errorsStay;
  switch (status) {
    case "partial":
      return hasErrorFile
        ? "Mend the rows in the error file and send that file back, protected as the original was: they are put in their places."
        : "Mend the rows that are listed below, and send them in a new file.";
    case "rejected":
      if (table === null) return "Put that right, and send the file in a new e-mail.";
      return hasErrorFile
        ? "Mend the rows in the error file and send that file back, protected as the original was. Or send the whole file again, corrected; it may keep its name."
        : "Put that right, and send the file in a new e-mail. It may keep its name.";
    case "failed":
      return WHILE_FAILED;
    case "superseded":
      return "Nothing, if the newer file holds these rows as well. If they are needed all the same, ask your contact.";
    case "cancelled":
      return "If you did not expect this, ask your contact before you send the file again.";
    case "completed":
    case "duplicate":
    case "received":
    case "running":
    case "unpacked":
      return undefined;
  }
}

/** The files that go with the e-mail, or where those are that do not. */
function fileSections(message: ReplyMessage, back: GoesBack): { heading: string; blocks: Block[] }[] {
  const files = filesOf(back);
  const blocks: Block[] = [];
  if (back.tooLarge) {
    const sizes = files.map((file) => `${display(file.name, 120)} has ${displaySize(file.sizeBytes)}`);
    blocks.push({
      kind: "paragraph",
      text: `${displayList(sizes)}. An e-mail carries at most ${displaySize(message.replyBytes)} here.`,
    });
    blocks.push({ kind: "facts", facts: files.flatMap((file) => placesOf(message, file)) });
    return [{ heading: "Where to fetch", blocks }];
  }
  if (files.length > 0) {
    blocks.push({
      kind: "list",
      items: files.map(
        (file) =>
          `${display(file.name, 120)} (${displaySize(file.sizeBytes)}): ${roleOf(file)}, ${protectionOf(file.name)}`,
      ),
    });
  }
  if (back.errorsStay) {
    const errors = message.files.find(({ kind }) => kind === "errors")!;
    blocks.push({
      kind: "paragraph",
      text: "The error file is not attached, because it is not encrypted. Where to fetch it:",
    });
    blocks.push({ kind: "facts", facts: placesOf(message, errors) });
  }
  return blocks.length === 0 ? [] : [{ heading: "Files", blocks }];
}

const roleOf = ({ kind }: StoredFile) => (kind.endsWith("result") ? "the result" : "the error file");

/** How a wrapped file is opened; it is named after it. */
function protectionOf(name: string): string {
  return /\.zip$/i.test(name) ? "a ZIP with the agreed password" : "encrypted to your OpenPGP key";
}

/** Where a file can be fetched: the places that it was put into, else the API. */
function placesOf({ placed, batch }: ReplyMessage, file: StoredFile): Fact[] {
  const role = capital(roleOf(file));
  const plain = file.kind.replace("wrapped_", "");
  const places = placed
    .filter(({ kind }) => kind === file.kind || kind === plain)
    .map(({ destination, path }) => {
      const [way, ...rest] = destination.split(":");
      const where = display(rest.join(":"), 100);
      const place = way === "downloads" ? `in your SFTP account ${where}` : `on your server ${where}`;
      return { label: `${role}, ${place}`, value: display(path, 300), code: true };
    });
  if (places.length > 0) return places;
  const path = `GET /v1/batches/${batch.batchId}/artifacts/${file.kind}`;
  return [{ label: `${role}, by the API or from your contact`, value: path, code: true }];
}

function countsOf({ batch: { records, imported, rejected, links }, rehearsal }: ReplyMessage): Block[] {
  const facts = [
    ["Records", records],
    [importedLabel(rehearsal), imported],
    ["Rejected", rejected],
    ["Links", links],
  ] as const;
  const known = facts.flatMap(([label, count]) => (count === null ? [] : [{ label, value: displayNumber(count) }]));
  return known.length === 0 ? [] : [{ kind: "facts", facts: known }];
}

const MOST_KINDS = 12;

function findingsOf({ batch, findings }: ReplyMessage): Block[] {
  const kinds = Object.entries(batch.issueTotals)
    .filter(([, count]) => count > 0)
    .sort(([codeA, a], [codeB, b]) => b - a || (codeA < codeB ? -1 : 1));
  const total = kinds.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0 && findings.length === 0) return [];
  const items = findings.map(({ line, column, message }) => {
    const sentence = display(message, 400);
    const places = [
      line === null ? "" : `line ${line}`,
      column === null || message.includes(column) ? "" : display(column, 63),
    ].filter((place) => place !== "");
    return places.length === 0 ? sentence : `${capital(places.join(", "))}: ${sentence}`;
  });
  const count = displayCount(total, "finding");
  if (items.length > 0 && total <= items.length) return [{ kind: "list", items }];
  const shown = kinds
    .slice(0, MOST_KINDS)
    .map(([code, each]) => `${displayNumber(each)} ${display(findingLabel(code), 80)}`);
  const rest = kinds.slice(MOST_KINDS).reduce((sum, [, each]) => sum + each, 0);
  if (rest > 0) shown.push(`${displayNumber(rest)} of other kinds`);
  const blocks: Block[] = [{ kind: "paragraph", text: `${count}: ${displayList(shown, shown.length)}.` }];
  if (items.length > 0) {
    blocks.push({
      kind: "paragraph",
      text: items.length === 1 ? "One of them:" : `The first ${displayNumber(items.length)}:`,
    });
    blocks.push({ kind: "list", items });
  }
  return blocks;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
