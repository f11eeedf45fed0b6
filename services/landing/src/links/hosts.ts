/** Where links open: at the hub's own address all of them, at a project's own address that project's. */
export interface Hosts {
  /**
   * The address that a link is opened under at `host`, without a trailing slash; undefined where it does not open. `own` is
   * the project's, if it has one. What a visitor sends as `Host` is compared, and never handed back.
   */
  addressAt(host: string, own: OwnAddress | undefined): string | undefined;
}

/** A project's own address. */
export interface OwnAddress {
  /** Such as `https://video.example.org`. */
  url: string;
  /** Such as `video.example.org`, with the port where it is not the usual one. */
  host: string;
}

/** `further` are more hosts at which all links open, such as those of an older address; `*` is any. */
export function openHosts(landingUrl: string, further: readonly string[] = []): Hosts {
  const open = new Set([new URL(landingUrl).host, ...further.map(plainHost)]);
  const isOpen = open.has("*") ? () => true : (host: string) => open.has(host);
  return {
    addressAt(sent, own) {
      // Browsers write a host as `URL` does.
      if (own === undefined && open.has(sent)) return landingUrl;
      const host = plainHost(sent);
      if (own !== undefined && host === own.host) return own.url;
      return isOpen(host) ? landingUrl : undefined;
    },
  };
}

/** @throws when it is no address: profiles hold none such */
export function ownAddress(address: string): OwnAddress {
  const { origin, host } = new URL(address);
  return { url: origin, host };
}

/** As `URL` writes a host: in small letters, without the usual port and without the root's dot. */
function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/:(80|443)$/, "")
    .replace(/\.(?=$|:)/, "");
}
