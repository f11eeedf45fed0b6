import type { System } from "@inlet/contracts";

/**
 * What pulls of one system share: its client and its address. Another client's pulls of the same address log in as somebody
 * else, and neither wait for these nor suffer from their failures.
 */
export function systemKeyOf(clientId: number, { url }: Pick<System, "url">): string {
  const { protocol, host, pathname } = new URL(url);
  return `${clientId} ${protocol}//${host}${pathname.replace(/\/+$/, "")}`;
}
