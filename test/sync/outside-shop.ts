import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { webhookSecretBytes, webhookSignature } from "@inlet/runtime";
import type { IncomingItem, OutsideFields } from "@inlet/sync";

/** What its webhooks are signed with. */
export const SHOP_SECRET = `whsec_${Buffer.from("a shop's secret for tests, 32 by").toString("base64")}`;

interface ShopOptions {
  /** Says when an item changed, and which version it is. */
  tells?: { time?: boolean; version?: boolean };
  pageSize?: number;
}

interface Kept {
  fields: OutsideFields;
  isRemoved: boolean;
  version: number;
  changedAt: string;
}

/** Where a webhook goes, and how it is bent on the way. */
export interface Told {
  item: IncomingItem;
  isEcho: boolean;
}

/**
 * Another system that keeps items by itself, changes them by itself, and tells of every change of its items, of those that it was
 * asked for, too, as most systems do.
 */
export async function openOutsideShop({ tells = {}, pageSize = 100 }: ShopOptions = {}) {
  const items = new Map<string, Kept>();
  const log: string[] = [];
  const requests: string[] = [];
  let listeners: ((told: Told) => void)[] = [];
  let refusal: { status: number; headers?: Record<string, string> } | undefined;
  let beforeAnswer: (path: string) => Promise<void> = async () => {};

  const asItem = (key: string): IncomingItem => {
    const { fields, isRemoved, version, changedAt } = items.get(key)!;
    return {
      id: `s${key}`,
      fields: isRemoved ? {} : { ...fields },
      ...(isRemoved ? { isRemoved } : {}),
      ...(tells.time ? { changedAt } : {}),
      ...(tells.version ? { version: String(version) } : {}),
    };
  };

  function keep(key: string, fields: OutsideFields | null, isEcho: boolean): void {
    const before = items.get(key);
    const isSame =
      before && before.isRemoved === (fields === null) && same({ ...before.fields, ...fields }, before.fields);
    if (isSame || (before === undefined && fields === null)) return;
    items.set(key, {
      fields: { ...(before?.isRemoved ? {} : before?.fields), ...fields },
      isRemoved: fields === null,
      version: (before?.version ?? 0) + 1,
      changedAt: new Date().toISOString(),
    });
    log.push(key);
    const item = asItem(key);
    for (const listen of listeners) listen({ item, isEcho });
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://shop");
    requests.push(`${request.method} ${url.pathname}`);
    const send = (status: number, body: unknown, headers: Record<string, string> = {}) =>
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
    const text = await textOf(request);
    if (refusal) return send(refusal.status, { error: "not now" }, refusal.headers);
    const key = decodeURIComponent(url.pathname.split("/")[2] ?? "");
    if (request.method === "PUT") {
      keep(key, JSON.parse(text), true);
      const answer = { id: `s${key}`, ...(tells.version ? { version: String(items.get(key)!.version) } : {}) };
      await beforeAnswer(url.pathname);
      return send(200, answer);
    }
    if (request.method === "DELETE") {
      keep(key, null, true);
      return send(200, null);
    }
    if (url.pathname === "/changes") {
      const after = Number(url.searchParams.get("after"));
      const page = log.slice(after, after + pageSize);
      const answer = {
        items: [...new Set(page)].map(asItem),
        cursor: String(after + page.length),
        hasMore: log.length > after + pageSize,
      };
      await beforeAnswer(url.pathname);
      return send(200, answer);
    }
    const after = url.searchParams.get("after") ?? "";
    const live = [...items].flatMap(([each, { isRemoved }]) => (isRemoved || each <= after ? [] : [each])).sort();
    const page = live.slice(0, pageSize);
    await beforeAnswer(url.pathname);
    return send(200, { items: page.map(asItem), cursor: page.at(-1) ?? after, hasMore: live.length > pageSize });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    items: () => new Map([...items].flatMap(([key, kept]) => (kept.isRemoved ? [] : [[key, kept.fields] as const]))),
    /** Somebody there changes an item; null: removes it. */
    change: (key: string, fields: OutsideFields | null) => keep(key, fields, false),
    /** Damage: it changes, and nobody is told. */
    damage(key: string, fields: OutsideFields | null) {
      const kept = items.get(key);
      if (fields === null) items.delete(key);
      else items.set(key, { isRemoved: false, version: (kept?.version ?? 0) + 1, changedAt: "", ...kept, fields });
    },
    asItem,
    /** Told of each change, as its webhooks are. */
    onChange(listen: (told: Told) => void) {
      listeners = [...listeners, listen];
    },
    refuse(how: typeof refusal) {
      refusal = how;
    },
    /** Holds answers back. */
    holdAnswers(hold: typeof beforeAnswer) {
      beforeAnswer = hold;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
export type OutsideShop = Awaited<ReturnType<typeof openOutsideShop>>;

/** A webhook as the shop signs it. */
export function signed(
  items: readonly object[],
  { eventId, atMs = Date.now(), secret = SHOP_SECRET }: { eventId: string; atMs?: number; secret?: string },
) {
  const body = JSON.stringify({ items });
  const sentAtSeconds = Math.floor(atMs / 1000);
  return {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "webhook-id": eventId,
      "webhook-timestamp": String(sentAtSeconds),
      "webhook-signature": webhookSignature({ eventId, sentAtSeconds, body }, [webhookSecretBytes(secret)]),
    },
  };
}

const same = (one: object, other: object) => {
  const sorted = (value: object) => JSON.stringify(Object.entries(value).sort());
  return sorted(one) === sorted(other);
};

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
