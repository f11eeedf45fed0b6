import { Misconfigured } from "@inlet/contracts";

/**
 * Where the next page is, below the service's root. Version 1 has said `Items?$skip=20`, `/b1s/v1/Items?$skip=20` and whole
 * addresses, with the name that the server has for itself; whatever stands before the root is left away, so that a link leads
 * nowhere else.
 * @throws Misconfigured `system_next_link`
 */
export function nextTail(link: string): string {
  const tail = link.replace(/^(?:[a-z]+:\/\/[^/]+)?\/?(?:[^?]*\/)?b1s\/v[12]\//i, "");
  if (/^[A-Za-z_][\w()'%.,=\-/]*\?/.test(tail) && !/^[^?]*(\.\.|%2e)/i.test(tail)) return tail;
  throw new Misconfigured({
    code: "system_next_link",
    message:
      "The Service Layer says that the next page is at an address that is none of its own. Have its administrator look at what lies before it: a gateway may rewrite its answers.",
  });
}
