/** An address that may be fetched or followed: one of http(s). Undefined for all else, such as `javascript:`. */
export function safeAddress(address: string): string | undefined {
  try {
    const { protocol, href } = new URL(address, document.baseURI);
    return protocol === "http:" || protocol === "https:" ? href : undefined;
  } catch {
    return undefined;
  }
}

const COLOUR = /^#[0-9a-f]{6}$/i;

/** A colour as films write it; anything else is not shown. */
export const safeColour = (colour: string): string => (COLOUR.test(colour) ? colour : "transparent");
