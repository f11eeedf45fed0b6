/**
 * The target of the first link with the relation `next` (RFC 8288). Targets stand in angle brackets and may hold commas;
 * parameters may be quoted.
 */
export function nextLink(header: string | undefined): string | null {
  for (const [, target, parameters = ""] of (header ?? "").matchAll(
    /<([^>]*)>((?:\s*;\s*[^\s=;,]+\s*(?:=\s*(?:"(?:\\.|[^"\\])*"|[^\s";,]*))?)*)/g,
  )) {
    const rel = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s";,]*))/i.exec(parameters);
    if ((rel?.[1] ?? rel?.[2] ?? "").toLowerCase().split(/\s+/).includes("next")) return target!;
  }
  return null;
}
