import type { RestAuth } from "@inlet/contracts";
import type { HttpRequest } from "@inlet/remote-http";
import type { Credentials } from "../system-requests.ts";
import { setParameter } from "./address.ts";
import { openTokens, type TokenParts } from "./oauth-token.ts";

/** How a REST system knows us, as its profile says. */
export function restCredentials(auth: RestAuth, parts: TokenParts): Credentials {
  const tokens = auth.by === "oauth2" ? openTokens(auth, parts) : undefined;
  const signed = (request: HttpRequest, headers: Record<string, string>) => ({
    request: { ...request, headers: { ...request.headers, ...headers } },
  });
  return {
    async sign(request) {
      switch (auth.by) {
        case "none":
          return { request };
        case "basic": {
          const proof = Buffer.from(`${auth.username}:${await parts.secrets.get(auth.secret)}`).toString("base64");
          parts.secrets.remember(proof);
          return signed(request, { authorization: `Basic ${proof}` });
        }
        case "bearer":
          return signed(request, { authorization: `Bearer ${await parts.secrets.get(auth.secret)}` });
        case "api_key": {
          const key = await parts.secrets.get(auth.secret);
          if (auth.in === "header") return signed(request, { [auth.name.toLowerCase()]: key });
          const url = new URL(request.url);
          setParameter(url, auth.name, key);
          return { request: { ...request, url: url.href } };
        }
        case "oauth2": {
          const token = await tokens!.take();
          return { ...signed(request, { authorization: `Bearer ${token.text}` }), forget: token.forget };
        }
      }
    },
  };
}
