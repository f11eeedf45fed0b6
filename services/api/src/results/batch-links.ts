import { type Database, linkFacts, linkKey, profileAt } from "@inlet/database";
import { issueToken, linkAddress, linkOf, linkShapes } from "@inlet/purl";
import { unseal } from "@inlet/runtime";

interface BatchLinksOptions {
  keyEncryptionKey: Buffer;
  /** Absent: the hub does not know where its landing pages are; then a link is its path. */
  landingUrl: string | undefined;
}

/** Resolves to the page's address of each of a batch's records, as its result file has it; undefined: it has no links. */
export async function batchLinks(
  database: Database,
  batchId: number,
  { keyEncryptionKey, landingUrl = "" }: BatchLinksOptions,
): Promise<((recordNumber: number) => string) | undefined> {
  const [facts] = await linkFacts(database, [batchId]);
  const stored = facts?.linkKeyId ? await linkKey(database, facts.linkKeyId) : undefined;
  if (facts === undefined || stored === undefined) return undefined;
  const key = unseal(keyEncryptionKey, stored.sealed, `link-key:${stored.clientId}`);
  const { links } = await profileAt(database, { projectId: facts.projectId, version: facts.profileVersion });
  const { page } = linkShapes(linkAddress(links?.address, landingUrl));
  return (recordNumber) => linkOf(page, issueToken(key, { batchId, recordNumber }));
}
