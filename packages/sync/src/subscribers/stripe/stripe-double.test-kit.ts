import { createHmac } from "node:crypto";
import { openTestSystem, type SystemAnswer, type SystemRequest } from "../../testing/index.ts";

interface StoredObject {
  id: string;
  object: string;
  created: number;
  metadata: Record<string, string>;
  [name: string]: unknown;
}

interface StoredEvent {
  id: string;
  object: "event";
  type: string;
  created: number;
  data: { object: StoredObject };
}

/**
 * A double of Stripe's API as its reference describes it (https://docs.stripe.com/api): forms in, JSON out, idempotency keys with
 * their parameters, lists newest first with cursors, events, errors with their types and codes, and webhooks' signatures.
 */
export async function openStripeDouble({ apiKey }: { apiKey: string }) {
  const objects = new Map<string, StoredObject>();
  const events: StoredEvent[] = [];
  const answered = new Map<string, { of: string; answer: SystemAnswer }>();
  const withPrices = new Set<string>();
  let number = 0;
  let loses = 0;
  const nowSeconds = () => Math.floor(Date.now() / 1000);

  const refusal = (status: number, error: object): SystemAnswer => ({ status, body: { error } });
  const invalid = (message: string, more: object = {}, status = 400) =>
    refusal(status, { type: "invalid_request_error", message, ...more });
  const missing = (id: string) => invalid(`No such object: '${id}'`, { code: "resource_missing", param: "id" }, 404);

  function note(type: string, object: StoredObject): void {
    number += 1;
    const stored = structuredClone(object);
    events.unshift({ id: `evt_${number}`, object: "event", type, created: nowSeconds(), data: { object: stored } });
  }

  function paged(all: readonly { id: string; created: number }[], query: URLSearchParams): SystemAnswer {
    const limit = Number(query.get("limit") ?? 10);
    const [after, before] = [query.get("starting_after"), query.get("ending_before")];
    const place = all.findIndex(({ id }) => id === (after ?? before));
    if ((after ?? before) !== null && place === -1) return missing(after ?? before ?? "");
    const rest = before === null ? all.slice(place + 1) : all.slice(0, place);
    // Of the newer ones the nearest, in the same order as ever.
    const data = before === null ? rest.slice(0, limit) : rest.slice(-limit);
    return { body: { object: "list", data, has_more: rest.length > limit, url: "/v1" } };
  }

  function change(object: StoredObject, form: URLSearchParams): void {
    for (const [name, value] of form) {
      const names = name.split(/[[\]]+/).filter((each) => each !== "");
      let within: Record<string, unknown> = object;
      for (const each of names.slice(0, -1)) {
        within[each] ??= {};
        within = within[each] as Record<string, unknown>;
      }
      const last = names.at(-1)!;
      const isMetadata = names[0] === "metadata";
      if (value === "" && isMetadata) delete within[last];
      else within[last] = value === "" ? null : value === "true" || value === "false" ? value === "true" : value;
    }
  }

  function write(kind: string, id: string | undefined, form: URLSearchParams): SystemAnswer {
    if (/^[^@]+$/.test(form.get("email") ?? "")) return invalid(`Invalid email address: ${form.get("email")}`);
    if (kind === "product" && id === undefined && !form.get("name")) return invalid("Missing required param: name.");
    const object = id === undefined ? undefined : objects.get(id);
    if (id !== undefined && object === undefined) return missing(id);
    number += 1;
    const made = object ?? {
      ...{ id: `${kind === "customer" ? "cus" : "prod"}_${number}`, object: kind, created: nowSeconds(), metadata: {} },
      ...(kind === "product" ? { active: true } : {}),
    };
    const before = JSON.stringify(made);
    change(made, form);
    objects.set(made.id, made);
    if (object === undefined) note(`${kind}.created`, made);
    else if (JSON.stringify(made) !== before) note(`${kind}.updated`, made);
    return { body: structuredClone(made) };
  }

  function act({ method, path, query, body }: SystemRequest): SystemAnswer {
    const [, version, collection, id] = path.split("/");
    if (version !== "v1") return invalid("Unrecognized request URL", {}, 404);
    if (collection === "events") {
      const types = [...query].flatMap(([name, value]) => (name.startsWith("types[") ? [value] : []));
      const from = Number(query.get("created[gte]") ?? 0);
      return paged(
        events.filter(({ type, created }) => types.includes(type) && created >= from),
        query,
      );
    }
    const kind = collection!.replace(/s$/, "");
    const all = [...objects.values()].filter(({ object }) => object === kind).reverse();
    if (method === "POST") return write(kind, id, new URLSearchParams(body.toString()));
    if (id === "search") {
      const [, key] = /:'(.*)'$/.exec(query.get("query") ?? "") ?? [];
      return {
        body: {
          data: all.filter(({ metadata }) => metadata.inlet_key === key?.replaceAll(/\\(.)/g, "$1")),
          has_more: false,
        },
      };
    }
    if (method === "GET") return paged(all, query);
    const object = objects.get(id!);
    if (object === undefined) return missing(id!);
    if (withPrices.has(id!))
      return invalid("This product cannot be deleted because it has one or more user-created prices.");
    objects.delete(id!);
    note(`${kind}.deleted`, object);
    return { body: { id, object: kind, deleted: true } };
  }

  const system = await openTestSystem((request) => {
    if (request.headers.authorization !== `Bearer ${apiKey}`)
      return invalid(`Invalid API Key provided: ${request.headers.authorization?.slice(7)}`, {}, 401);
    const key = request.headers["idempotency-key"];
    const of = `${request.method} ${request.path} ${request.body}`;
    const before = key === undefined || request.method !== "POST" ? undefined : answered.get(key);
    if (before !== undefined && before.of !== of)
      return refusal(400, {
        type: "idempotency_error",
        message: "Keys for idempotent requests can only be used with the same parameters.",
      });
    const answer = before?.answer ?? act(request);
    if (key !== undefined && request.method === "POST") answered.set(key, { of, answer });
    if (loses === 0) return answer;
    loses -= 1;
    return { status: 500, body: { error: { type: "api_error", message: "The answer was lost." } } };
  });

  return {
    ...system,
    objects: () => [...objects.values()],
    events,
    /** What somebody does in Stripe's dashboard. */
    change(id: string, form: Record<string, string>) {
      write(objects.get(id)!.object, id, new URLSearchParams(form));
    },
    make: (kind: "customer" | "product", form: Record<string, string>) =>
      (write(kind, undefined, new URLSearchParams(form)).body as StoredObject).id,
    delete(id: string) {
      const object = objects.get(id)!;
      objects.delete(id);
      note(`${object.object}.deleted`, object);
    },
    givePrices: (id: string) => void withPrices.add(id),
    /** As after thirty days. */
    forgetEvents: () => void events.splice(0),
    /** The next answers do not arrive, though what was asked is done. */
    loseAnswers(count: number) {
      loses = count;
    },
    /** A request as Stripe sends it to a webhook endpoint. */
    webhookOf(event: object, secret: string, at: Date) {
      const body = JSON.stringify(event);
      const seconds = Math.floor(at.getTime() / 1000);
      const signature = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
      return {
        headers: { "stripe-signature": `t=${seconds},v1=${signature}`, "content-type": "application/json" },
        body: Buffer.from(body),
        receivedAt: at,
      };
    },
  };
}
