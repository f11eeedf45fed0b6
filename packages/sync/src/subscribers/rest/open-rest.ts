import { type ConnectedSystem, openSecrets, rest as restConnector, restCredentials } from "@inlet/connectors";
import { systemSchema } from "@inlet/contracts";
import type { HttpAnswer, HttpRequest } from "@inlet/remote-http";
import type { SubscriberContext } from "../../subscriber.ts";
import { openReadings, type Readings } from "./readings.ts";
import type { RestSettings } from "./settings.ts";

const TIMEOUT_SECONDS = 60;
/** Whoever waits for longer is told so, and waits by the framework's rules. */
const RETRIES = { attempts: 2, withinMs: 10_000 };

/** A REST system that is spoken to. */
export interface OpenRest {
  /** With proof of who we are; once more with a new one when it has run out. */
  ask(request: HttpRequest, http: SubscriberContext["http"]): Promise<HttpAnswer>;
  readings: Readings;
  /** What messages may not hold: secrets, and what was got with them. */
  conceal(text: string): string;
  close(): void;
}

/** Nothing is asked yet. */
export async function openRest({ settings, secrets, http }: SubscriberContext<RestSettings>): Promise<OpenRest> {
  const parts = { http: { request: http.request, close: async () => {} }, retries: RETRIES };
  const known = openSecrets(async () => secrets.secret ?? "");
  const credentials = restCredentials(settings.auth, { ...parts, secrets: known, timeoutMs: TIMEOUT_SECONDS * 1000 });
  const readings = openReadings(() => connected(settings, secrets, parts));
  return {
    async ask(request, { request: send }) {
      for (let isFirst = true; ; isFirst = false) {
        const signed = await credentials.sign(request);
        const answer = await send(signed.request);
        if (!isFirst || signed.forget === undefined || answer.status !== 401) return answer;
        signed.forget();
      }
    },
    readings,
    conceal: known.conceal,
    close: () => readings.close(),
  };
}

function connected(
  { url, auth, headers }: RestSettings,
  secrets: Readonly<Record<string, string>>,
  parts: Pick<Parameters<typeof restConnector.open>[1], "http" | "retries">,
): ConnectedSystem {
  const system = systemSchema.parse({ connector: "rest", url, auth, headers, timeoutSeconds: TIMEOUT_SECONDS });
  return restConnector.open(system as Extract<typeof system, { connector: "rest" }>, {
    ...parts,
    secret: async () => secrets.secret ?? "",
  });
}
