/**
 * What guessers try first, as they write it without digits in the place of letters: the words of the usual lists of leaked
 * passwords (SecLists, `10-million-password-list-top-1000`; NCSC, PwnedPasswordsTop100k), and what hangs on this product.
 */
const COMMON_WORDS: readonly string[] = [
  ...["password", "passwort", "passphrase", "passwd", "secret", "geheim", "letmein", "welcome", "willkommen", "login"],
  ...["administrator", "admin", "operator", "superuser", "root", "master", "changeme", "default", "testing", "test"],
  ...["iloveyou", "sunshine", "princess", "football", "baseball", "superman", "batman", "monkey", "dragon", "shadow"],
  ...["michael", "jennifer", "jordan", "trustno", "starwars", "whatever", "freedom", "hello", "access", "pokemon"],
  ...[
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
  ],
  ...["spring", "summer", "autumn", "winter", "monday", "friday", "google", "company", "inlet", "upload", "user"],
];

/** Rows of keyboards, letters and digits, and the ways in which fingers wander over them. */
const WALKS: readonly string[] = [
  "abcdefghijklmnopqrstuvwxyz",
  "01234567890123456789",
  ...["qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn"],
  ...["asdfghjkl", "zxcvbnm", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "qazwsxedcrfvtgbyhnujmikolp"],
  ...["1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik", "zaq1xsw2cde3vfr4bgt5nhy6mju7"],
];
/** A piece of a walk this long is no accident. */
const WALKED = 4;

const LETTER_FOR: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};

/** What has to be left of a password once all that is guessed easily is taken out. */
const LEFT_AT_LEAST = 6;
const DIFFERENT_AT_LEAST = 5;
/** Parts of a login that are shorter are in other words by chance. */
const PART_AT_LEAST = 3;

/**
 * What makes a password too easy to guess, as a sentence; undefined: nothing does. Its length is for its schema. NIST SP
 * 800-63B, section 3.1.1.2: compared with what is commonly used and with what hangs on the user; no rules on kinds of
 * characters.
 */
export function passwordProblem(
  password: string,
  { login, name }: { login: string; name: string },
): string | undefined {
  const plain = password.normalize("NFKC").toLowerCase();
  if (new Set(plain).size < DIFFERENT_AT_LEAST) return "has too few different characters; take several words";
  const own = [login, ...login.split(/[@._+-]/), ...name.toLowerCase().split(/\s+/)].filter(
    (part) => part.length >= PART_AT_LEAST,
  );
  if (left(plain, own) < LEFT_AT_LEAST && left(plain, []) >= LEFT_AT_LEAST) {
    return "is too close to your own name or address; take several words that have nothing to do with you";
  }
  if (left(plain, own) >= LEFT_AT_LEAST) return undefined;
  return "is one of those that are tried first; take several words that do not belong together";
}

/** How many characters are left without words, walks, years and what stands between. */
function left(password: string, own: readonly string[]): number {
  const words = [...own, ...COMMON_WORDS].toSorted((a, b) => b.length - a.length);
  const spoken = Array.from(password, (letter) => LETTER_FOR[letter] ?? letter).join("");
  return Math.min(...[password, spoken].map((text) => without(text, words).length));
}

function without(text: string, words: readonly string[]): string {
  const rest = words.reduce((sum, word) => sum.replaceAll(word, " "), text);
  return withoutWalks(rest.replace(/(?:19|20)\d\d/g, " ")).replace(/[^\p{L}\p{N}]/gu, "");
}

function withoutWalks(text: string): string {
  let rest = "";
  for (let at = 0; at < text.length; ) {
    const walked = longestWalk(text, at);
    rest += walked >= WALKED ? " " : text[at];
    at += walked >= WALKED ? walked : 1;
  }
  return rest;
}

function longestWalk(text: string, at: number): number {
  let length = WALKED - 1;
  while (at + length < text.length && isWalk(text.slice(at, at + length + 1))) length += 1;
  return length;
}

const isWalk = (piece: string) => WALKS.some((walk) => walk.includes(piece) || walk.includes(reversed(piece)));

const reversed = (text: string) => Array.from(text).reverse().join("");
