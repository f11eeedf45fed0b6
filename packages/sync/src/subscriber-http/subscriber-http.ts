import type { HttpAnswer, HttpRequest, RemoteHttp } from "@inlet/remote-http";
import { passing } from "../failure.ts";
import type { OutsideValue, SubscriberHttp } from "../subscriber.ts";
import { fetchOver } from "./fetch-over.ts";
import { judgeAnswer, requestName } from "./judge-answer.ts";
import { parseLossless } from "./lossless-json.ts";

/** Requests of one call of a subscriber: each ends with the call's signal, unless it brings one of its own. */
export function openSubscriberHttp(http: Pick<RemoteHttp, "request">, signal: AbortSignal): SubscriberHttp {
  const request = (what: HttpRequest) => http.request({ signal, ...what });
  return {
    request,
    fetch: fetchOver(request),
    async json(method, url, { body, headers, ignore = [] } = {}) {
      const answer = await request({
        method,
        url,
        headers: {
          accept: "application/json",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (ignore.includes(answer.status)) return null;
      const name = requestName(method, url);
      const refusal = judgeAnswer(name, answer);
      if (refusal !== undefined) throw refusal;
      return readJson(name, answer);
    },
  };
}

/**
 * An answer's JSON; null where there is none.
 * @throws Unavailable `outside_answer`
 */
export function readJson(request: string, { status, body }: HttpAnswer): OutsideValue {
  const text = body.toString("utf8");
  if (text.trim() === "") return null;
  try {
    return parseLossless(text);
  } catch (cause) {
    throw passing(
      { message: `${request} answered ${status} with something that is no JSON.`, cause },
      "outside_answer",
    );
  }
}
