/** For what never changes under its name. */
export const FOR_EVER = {
  "cache-control": "public, max-age=31536000, immutable",
  // Opened by itself it is a picture or a sound, and nothing in it runs.
  "content-security-policy": "default-src 'none'; sandbox",
} as const;
