import type { KeyExpiryMessage, MailRefusalMessage, WebhookDisabledMessage } from "@inlet/contracts";
import { expect, test } from "vitest";
import { wordMessage } from "./word-message.ts";

const from = { client: "meadow", project: "spring", title: "Spring campaign" };

const key: KeyExpiryMessage = {
  event: "key_expires",
  ...from,
  owner: "ours",
  fingerprint: "8f3b2a6c1d4e5f60718293a4b5c6d7e8f9012345",
  userId: "Inlet <inlet@hub.example>",
  ...{ canEncrypt: true, canSign: true, hasOtherEncryptionKey: false },
  expiresAt: "2026-12-21T09:00:00.000Z",
  at: "2026-11-21T09:03:00.000Z",
};

test("a key of ours that expires is told with when, what then, and what to do", () => {
  const { subject, text, html } = wordMessage(key);
  expect(subject).toBe("KEY EXPIRES: Spring campaign, Inlet's OpenPGP key, 21 December 2026");
  expect(text).toBe(`Spring campaign, Inlet's OpenPGP key: KEY EXPIRES
Inlet's OpenPGP key for Spring campaign expires in 30 days, on 21 December
2026 at 09:00 UTC.

THE KEY

Name: Inlet <inlet@hub.example>
Fingerprint:
  8F3B 2A6C 1D4E 5F60 7182 93A4 B5C6 D7E8 F901 2345
Good for: encryption and signatures
Expires: 21 December 2026 at 09:00 UTC

WHAT HAPPENS THEN

From then on, the client's programs do not encrypt files to it, so none can
be sent, and what Inlet signs with it does not hold. Files that were
encrypted to it are still opened.

WHAT TO DO

Inlet's operator makes the next key, and gives its public part to the
client, who puts it into its programs before this one ends. Files that are
encrypted to either are opened meanwhile.

The next key:
  inlet keys rotate --project meadow/spring
Its public part:
  inlet keys export --project meadow/spring

-- 
Client meadow, project spring.
This message was sent automatically by Inlet.
`);
  expect(html).toContain("8F3B 2A6C 1D4E 5F60");
});

test("a key of the client's is asked for anew", () => {
  const { text } = wordMessage({ ...key, owner: "theirs" });
  expect(text).toContain("results cannot be handed back");
  expect(text).toContain("inlet keys import FILE --project meadow/spring");
});

const NO_RESULTS = "results cannot be handed back";
const REFUSED = "files that it signed are refused";
const OTHER = "results are encrypted without it";
const NONE_SENT = "none can be sent";
const UNSIGNED = "what Inlet signs with it does not hold";
const ALL = [NO_RESULTS, REFUSED, OTHER, NONE_SENT, UNSIGNED];

test.each<[string, Partial<KeyExpiryMessage>, string[]]>([
  ["for both", {}, [NO_RESULTS, REFUSED]],
  ["for signatures alone", { canEncrypt: false }, [REFUSED]],
  ["for encryption alone", { canSign: false }, [NO_RESULTS]],
  ["beside another", { hasOtherEncryptionKey: true }, [REFUSED, OTHER]],
  ["for signatures, beside another", { canEncrypt: false, hasOtherEncryptionKey: true }, [REFUSED]],
  ["of ours for signatures", { owner: "ours", canEncrypt: false }, [UNSIGNED]],
  ["of ours for encryption", { owner: "ours", canSign: false }, [NONE_SENT]],
])("what ends with a key is what it was good for: %s", (_, facts, said) => {
  const words = wordMessage({ ...key, owner: "theirs", ...facts }).text.replace(/\s+/g, " ");
  expect(ALL.filter((each) => words.includes(each))).toEqual(said);
});

test.each([
  ["2026-11-21T09:03:00.001Z", "KEY EXPIRES", "expires in 1 day,"],
  ["2026-11-28T09:00:00.000Z", "KEY EXPIRES", "expires in 7 days,"],
  ["2026-11-21T09:03:00.000Z", "KEY EXPIRED", "expired on 21 November 2026"],
  ["2026-11-20T09:00:00.000Z", "KEY EXPIRED", "expired on 20 November 2026"],
])("of a key that ends at %s it is said: %s, %s", (expiresAt, word, words) => {
  const { subject, text } = wordMessage({ ...key, expiresAt });
  expect(subject).toMatch(new RegExp(`^${word}: `));
  expect(text.replace(/\s+/g, " ")).toContain(words);
});

const refusal: MailRefusalMessage = {
  event: "mail_refused",
  ...from,
  reason: { code: "no_attachment", message: "The e-mail has no file attached." },
  answered: { subject: "November's data", messageId: null },
  at: "2026-11-21T09:03:00.000Z",
};

test("an e-mail that no file was taken from is answered with the reason", () => {
  const { subject, text } = wordMessage(refusal);
  expect(subject).toBe("Re: November's data");
  expect(text).toContain("Spring campaign, your e-mail: NOT ACCEPTED\nNo file was taken from your e-mail");
  expect(text).toContain("Reason: The e-mail has no file attached.");
  const unnamed = wordMessage({ ...refusal, answered: { subject: "", messageId: null } });
  expect(unnamed.subject).toBe("Re: your e-mail to Spring campaign");
  expect(unnamed.text).toContain("No file was taken from your e-mail. Nothing was imported.");
});

test("an e-mail that may be for several projects is answered in the name of none", () => {
  const unclear: MailRefusalMessage = {
    ...refusal,
    projectUnclear: true,
    reason: { code: "project_unclear", message: "Send it to the project's own address." },
    answered: { subject: "", messageId: null },
  };
  const { subject, text, html } = wordMessage(unclear);
  expect(subject).toBe("Re: your e-mail");
  expect(text).toMatch(/^Your e-mail: NOT ACCEPTED\n/);
  for (const form of [text, html]) expect(form).not.toMatch(/Spring|spring|meadow|same address as before/);
  const known = wordMessage(refusal).text.replace(/\s+/g, " ");
  expect(known).toContain("to the same address as before.");
  expect(known).toContain("Client meadow, project spring.");
  const missing = wordMessage({ ...unclear, reason: refusal.reason }).text.replace(/\s+/g, " ");
  expect(missing).toContain("to the same address as before.");
});

const webhook: WebhookDisabledMessage = {
  event: "webhook_disabled",
  ...from,
  ...{ webhookId: 3, receiver: "https://example.com", description: "Tells the warehouse", cause: "failing" },
  failingSince: "2026-11-16T08:00:00.000Z",
  lastError: "https://example.com answered 503, and not 2xx.",
  at: "2026-11-21T09:03:00.000Z",
};

test("a webhook that was disabled is told with why, what then, and what to do", () => {
  const { subject, text } = wordMessage(webhook);
  expect(subject).toBe("WEBHOOK DISABLED: Spring campaign, https://example.com");
  expect(text).toBe(`Spring campaign, webhook 3: WEBHOOK DISABLED
Every attempt to tell https://example.com since 16 November 2026 at 08:00
UTC has failed. The webhook is disabled.

THE WEBHOOK

Receiver: https://example.com
Description: Tells the warehouse
Last attempt: https://example.com answered 503, and not 2xx.

WHAT THAT MEANS

Files are worked on as before. Their events are not told to this address,
and are not kept for it.

WHAT TO DO

Mend the receiver, then enable the webhook again. What failed can be sent
again one by one.

Enable it:
  inlet webhooks enable 3
What failed:
  inlet webhooks deliveries 3 --state failed

-- 
Client meadow, project spring.
This message was sent automatically by Inlet.
`);
  expect(wordMessage({ ...webhook, cause: "gone" }).text).toContain("wants to be told no more (HTTP 410)");
});

test("another system that takes nothing is told of with since when, what that means, and what to do", () => {
  const { subject, text } = wordMessage({
    event: "subscription_failing",
    ...from,
    ...{ subscriptionId: 7, name: "shop", table: "items", failingSince: "2026-11-21T08:00:00.000Z" },
    ...{ lastError: "POST shop.example.com answered 503.", at: "2026-11-21T09:00:00.000Z" },
  });
  expect(subject).toBe("SYNC FAILING: Spring campaign, shop");
  expect(text).toBe(`Spring campaign, shop: SYNC FAILING
Nothing was taken by shop since 21 November 2026 at 08:00 UTC. It is tried
again and again, by itself.

THE SUBSCRIPTION

Catalog: items
Last attempt: POST shop.example.com answered 503.

WHAT THAT MEANS

The catalog goes on without it, and so do the other systems. Nothing is
lost: all changes go out in their order once it takes them again.

WHAT TO DO

See whether the other system is up, and whether what the profile and its
secrets say of it still holds. After that it may be tried at once.

How it stands:
  inlet sync show 7
Try it at once:
  inlet sync resume 7

-- 
Client meadow, project spring.
This message was sent automatically by Inlet.
`);
});
