import { type EmailIntake, matchFile, type Reason } from "@inlet/contracts";
import type { EmailProject } from "@inlet/database";
import { type Container, containerInWords, identify } from "@inlet/envelope";
import type { Delivery, MailAttachment, ReadMail } from "./mail.ts";

/** An attachment that is a data file. */
export type DataFile = MailAttachment & { name: string };

/** Why no file was taken. */
export interface Refused {
  project: EmailProject;
  /** The message may be for other projects as well. */
  projectUnclear: boolean;
  reason: Reason;
}

/** Where the files of a message go, or why none of them does. */
export interface Route {
  taken: readonly { project: EmailProject; file: DataFile }[];
  /** In words for the sender; the project is one of those that know it. */
  refused: readonly Refused[];
}

/**
 * Finds where a message's files go: to the project whose own address, or whose mailbox, it came to; else to the one whose
 * list has its sender; of several to the one that has a table for the file's name.
 * @param sender in lower case, proved
 * @returns undefined when no project that it came to knows its sender
 */
export function routeMail(
  projects: readonly EmailProject[],
  mail: Pick<ReadMail, "attachments" | "fault">,
  { sender, recipients, mailboxProject }: Pick<Delivery, "recipients" | "mailboxProject"> & { sender: string },
): Route | undefined {
  const known = projects.filter(({ profile }) => isSender(profile.email, sender));
  const isOwn = (localPart: string) => projects.some(({ profile }) => profile.email.address === localPart);
  const places = candidates(known, isOwn, recipients, mailboxProject).filter((place) => place.length > 0);
  if (places.length === 0) return undefined;
  const projectUnclear = new Set(places.flat()).size > 1;
  const routes = places.map((place) => routeTo(place, mail));
  const taken = routes.flatMap((route) => route.taken);
  return {
    // Two of our addresses may lead to one project.
    taken: taken.filter(
      (one, at) => taken.findIndex((each) => each.project === one.project && each.file === one.file) === at,
    ),
    refused:
      taken.length > 0
        ? []
        : routes
            .flatMap((route) => route.refused)
            .slice(0, 1)
            .map((each) => ({ ...each, projectUnclear })),
  };
}

/** Whether an address, in lower case, is on a project's list: itself, or its domain. */
export function isSender({ senders }: Pick<EmailIntake, "senders">, address: string): boolean {
  const domain = address.slice(address.lastIndexOf("@"));
  return senders.some((entry) => [address, domain].includes(entry.toLowerCase()));
}

/** The address of a project that a message came to: its own, or one that it shares. Null where nobody knows. */
export function addressFor({ profile }: EmailProject, recipients: readonly string[]): string | null {
  const own = recipients.find((address) => localPartOf(address) === profile.email.address);
  return own ?? recipients[0] ?? null;
}

const localPartOf = (address: string) => address.toLowerCase().split("@")[0]!;

/** For each address of ours that a message came to, the projects that it may be for. */
function candidates(
  known: readonly EmailProject[],
  isOwn: (localPart: string) => boolean,
  recipients: readonly string[],
  mailboxProject: number | undefined,
): EmailProject[][] {
  if (mailboxProject !== undefined) return [known.filter(({ projectId }) => projectId === mailboxProject)];
  const ofAddress = (localPart: string) => known.filter(({ profile }) => profile.email.address === localPart);
  const withoutAddress = known.filter(({ profile }) => profile.email.address === undefined);
  const shared = withoutAddress.length > 0 ? withoutAddress : [...known];
  if (recipients.length === 0) return [shared];
  return recipients.map(localPartOf).map((localPart) => (isOwn(localPart) ? ofAddress(localPart) : shared));
}

function routeTo(
  place: readonly EmailProject[],
  { attachments, fault }: Pick<ReadMail, "attachments" | "fault">,
): Pick<Route, "taken"> & { refused: readonly Omit<Refused, "projectUnclear">[] } {
  const refuse = (reason: Reason) => ({ taken: [], refused: [{ project: place[0]!, reason }] });
  if (fault) return refuse(fault);
  const chosen = chooseFiles(attachments);
  if (!Array.isArray(chosen)) return refuse(chosen as Reason);
  const taken: { project: EmailProject; file: DataFile }[] = [];
  for (const file of chosen as DataFile[]) {
    const fitting = place.length === 1 ? place : place.filter(({ profile }) => matchFile(profile, file.name));
    if (fitting.length !== 1) return refuse(unclearProject(file, place, fitting));
    taken.push({ project: fitting[0]!, file });
  }
  return { taken, refused: [] };
}

/** What data files come wrapped in; every project that takes files by e-mail wants them encrypted. */
const WRAPPINGS: readonly Container[] = ["zip", "PGP message"];

/**
 * The attachments that are data files, by their bytes: mail servers add files of their own (`ATT00001.txt`), mail programs
 * keys and signatures.
 */
function chooseFiles(attachments: readonly MailAttachment[]): DataFile[] | Reason {
  if (attachments.length === 0) {
    return {
      code: "no_attachment",
      message:
        "The e-mail has no file attached. Attach the data file, as a ZIP with password or encrypted with OpenPGP.",
    };
  }
  const wrapped = attachments.filter(({ head, sizeBytes }) => WRAPPINGS.includes(identify(head, sizeBytes)));
  const unnamed = wrapped.filter(({ name }) => name === null);
  if (unnamed.length > 0) {
    return {
      code: "attachment_unnamed",
      message: "An attached file has no name; the name says which data it holds. Send it again with its name.",
    };
  }
  if (wrapped.length === 0) return notEncrypted(attachments);
  return wrapped as DataFile[];
}

function notEncrypted(attachments: readonly MailAttachment[]): Reason {
  const [first] = attachments;
  const found = identify(first!.head, first!.sizeBytes);
  const what = `${first!.name ?? "The attached file"} is ${found === "plain" ? "a plain file" : containerInWords(found)}.`;
  return {
    code: "not_encrypted",
    message: `${what} A data file is taken by e-mail only as a ZIP with password or encrypted with OpenPGP. Nothing was taken; send it again so.`,
  };
}

function unclearProject(file: DataFile, place: readonly EmailProject[], fitting: readonly EmailProject[]): Reason {
  const possible = fitting.length > 0 ? fitting : place;
  const titles = possible.map(({ profile }) => profile.title ?? profile.project);
  // A way out is named only where there is one: the projects of a shared address mostly have none of their own.
  const own = new Set(possible.flatMap(({ profile }) => profile.email.address ?? []));
  const toOwn = own.size === possible.length ? "to the project's own address, or " : "";
  return {
    code: "project_unclear",
    message: `You send files for several projects (${titles.join(", ")}), and the name ${file.name} does not say for which this one is. Send it ${toOwn}under a name that one project alone expects.`,
  };
}
