import { Misconfigured } from "@inlet/contracts";

/**
 * An address below a system's. What is after a question mark, on either side, stays.
 * @param resource a path, with or without a slash before it
 */
export function addressBelow(base: string, resource: string): URL {
  const url = new URL(base);
  const [, path = "", query = ""] = /^([^?]*)\??(.*)$/s.exec(resource) ?? [];
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`;
  for (const [name, value] of new URLSearchParams(query)) url.searchParams.append(name, value);
  return url;
}

/** Sets a parameter, once. */
export function setParameter(url: URL, name: string, value: string): void {
  url.searchParams.delete(name);
  addParameter(url, name, value);
}

/** Adds a parameter. A blank is `%20`, which everybody understands, and not `+`. */
export function addParameter(url: URL, name: string, value: string): void {
  url.searchParams.append(name, value);
  url.search = url.search.replaceAll("+", "%20");
}

/**
 * Where a link leads that a system gives as its next page: always to the system itself, as path and query. Systems behind a
 * gateway often say `http` where they are reached by `https`; that they are at another port is as far as this goes.
 * @param secretParameter a parameter of the query that holds a key of ours: it is left out, and put in anew when the page is asked for
 * @param isSecret a value that may not be kept
 * @throws Misconfigured `system_link_refused` when it leads to another host
 */
export function linkWithin(
  from: URL,
  link: string,
  { secretParameter, isSecret }: { secretParameter?: string | undefined; isSecret(value: string): boolean },
): string {
  const url = URL.parse(link, from.href);
  const isOwn =
    url !== null && /^https?:$/.test(url.protocol) && url.hostname === from.hostname && isSamePort(url, from);
  if (!isOwn) {
    const target = url === null || url.host === "" ? "an address that is none" : url.host;
    throw new Misconfigured({
      code: "system_link_refused",
      message: `${from.host} says that its next page is at ${target}. Only the system itself is asked, because our key would be sent there: correct the address in the profile, or use another way of paging.`,
    });
  }
  for (const [name, value] of [...url.searchParams]) {
    if (name === secretParameter || isSecret(value)) url.searchParams.delete(name);
  }
  return url.pathname + url.search;
}

/** The address of a link that {@link linkWithin} gave. Its path may begin with two slashes, which `new URL` takes for a host. */
export const addressOfLink = (origin: string, link: string): URL => new URL(origin + link);

/** The same, or both the usual one of their scheme. */
const isSamePort = (a: URL, b: URL): boolean => a.port === b.port;
