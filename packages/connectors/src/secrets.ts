/** The secrets of one system, and what keeps them out of what people read. */
export interface SystemSecrets {
  /** By its name in the profile. */
  get(name: string): Promise<string>;
  /** What was got with a secret, such as a session or a token, is one, too. */
  remember(text: string): void;
  /** Whether a text is one of them. */
  holds(text: string): boolean;
  /** A text of the system's without any of them: error messages echo what they were sent. */
  conceal(text: string): string;
}

/** Shorter ones would blot out ordinary words; nobody has a password like that by intent. */
const SHORTEST = 4;
/** Each request asks for it; one that was stored anew is noticed soon. */
const KEPT_MS = 30_000;
/** Tokens are renewed: the latest are enough. */
const MOST_KNOWN = 50;

/** @param readSecret reads a secret by its name */
export function openSecrets(readSecret: (name: string) => Promise<string>): SystemSecrets {
  const known = new Set<string>();
  const read = new Map<string, { secret: Promise<string>; untilMs: number }>();
  const remember = (text: string) => {
    if (text.length < SHORTEST) return;
    known.delete(text);
    known.add(text);
    if (known.size > MOST_KNOWN) known.delete(known.values().next().value!);
  };
  return {
    async get(name) {
      let kept = read.get(name);
      if (kept === undefined || kept.untilMs <= performance.now()) {
        kept = { secret: readSecret(name), untilMs: performance.now() + KEPT_MS };
        read.set(name, kept);
        kept.secret.catch(() => read.delete(name));
      }
      const secret = await kept.secret;
      remember(secret);
      return secret;
    },
    remember,
    holds: (text) => known.has(text),
    conceal(text) {
      const forms = [...known].flatMap(formsOf).sort((a, b) => b.length - a.length);
      return forms.reduce((concealed, form) => concealed.replaceAll(form, "…"), text);
    },
  };
}

/** As it is, as in an address or a form, as in JSON, and as in base64. */
function formsOf(secret: string): string[] {
  const inForm = new URLSearchParams([["", secret]]).toString().slice(1);
  const base64 = Buffer.from(secret).toString("base64").replace(/=+$/, "");
  return [secret, encodeURIComponent(secret), inForm, JSON.stringify(secret).slice(1, -1), base64].filter(
    (form) => form.length >= SHORTEST,
  );
}
