/** A webhook's address may be changed; the place that it waits in may be the old one's for so long. */
const KNOWN_MS = 60_000;
const MOST = 10_000;

/**
 * The hosts of webhooks' receivers, so that a message need not be claimed to know whether there is a place for it.
 * @param urlOf undefined: there is no such webhook any more
 */
export function openReceiverHosts(urlOf: (webhookId: number) => Promise<string | undefined>) {
  const known = new Map<number, { host: Promise<string>; sinceMs: number }>();
  return (webhookId: number): Promise<string> => {
    const found = known.get(webhookId);
    if (found !== undefined && performance.now() - found.sinceMs < KNOWN_MS) return found.host;
    const host = urlOf(webhookId).then((url) => (url === undefined ? "" : new URL(url).host));
    host.catch(() => known.delete(webhookId));
    if (known.size >= MOST) known.delete(known.keys().next().value!);
    known.set(webhookId, { host, sinceMs: performance.now() });
    return host;
  };
}
