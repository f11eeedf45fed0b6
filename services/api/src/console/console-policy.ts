/** Headers of the console's page: its own scripts, styles, fonts, pictures, films and data, from here alone, framed by nobody. */
export function consolePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    // The library writes its theme as a style element, which carries the page's nonce.
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    // Videos and sounds of storyboards.
    "media-src 'self' blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; ");
}

/** The page with the nonce, where its script finds it: `document.querySelector("meta[property=csp-nonce]").nonce`. */
export function withNonce(page: string, nonce: string): string {
  return page.replace(/<head>/i, (head) => `${head}<meta property="csp-nonce" nonce="${nonce}">`);
}
