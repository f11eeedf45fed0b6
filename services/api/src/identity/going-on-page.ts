const POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/**
 * A page that goes on by itself. A redirect would not do: what follows a navigation from another site is sent without
 * SameSite=Strict cookies, and the one that was just set among them; the refresh of a page of ours is a navigation of our
 * own. The policy has no `sandbox`, which would forbid the refresh.
 */
export function goingOnPage(to: string): { body: string; headers: Record<string, string> } {
  const address = escaped(to);
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0;url=${address}">
<title>Signing in</title>
</head>
<body><p><a href="${address}">Go on to Inlet</a></p></body>
</html>
`;
  return { body, headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": POLICY } };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

/** A path within the console, such as one that somebody wanted before signing in; everything else is the start. */
export function pathWithin(to: string | undefined): string {
  const here = "http://console.invalid";
  const url = to?.startsWith("/") ? URL.parse(to, here) : null;
  // `/.//host` is a path here, and reads `//host` without its dot: the browser would take that for another site.
  const isWithin = url?.origin === here && !url.pathname.startsWith("//");
  return isWithin ? `${url.pathname}${url.search}${url.hash}` : "/";
}
