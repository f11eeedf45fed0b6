import { Misconfigured, type Subscription } from "@inlet/contracts";
import { mapFields } from "../fields/field-mapping.ts";
import type { Subscriber } from "../subscriber.ts";
import { bindSubscriber } from "./bind-subscriber.ts";
import type { SubscriberRegistry } from "./load-subscribers.ts";
import type { OpenSubscriber, SubscriberParts } from "./opened-subscriber.ts";

/**
 * Opens the subscriber of one subscription. Nothing is connected to yet.
 * @throws Misconfigured `subscription_invalid` with every problem: no such subscriber, settings or secrets that do not fit, a direction
 *   that it does not go; `fields_invalid`; and what `secret` throws
 */
export async function openSubscriber(
  registry: SubscriberRegistry,
  subscription: Subscription,
  parts: SubscriberParts,
): Promise<OpenSubscriber> {
  const { name, use } = subscription;
  const entry = registry.get(use);
  if (entry === undefined) {
    const known = [...registry.keys()].sort().join(", ");
    throw invalid(name, [`there is no subscriber ${use}; known are ${known}`]);
  }
  const subscriber = entry.make();
  const fields = mapFields(parts.columns, subscription.fields);
  const settings = await subscriber.settings.safeParseAsync(subscription.settings);
  const problems = [
    ...(settings.error?.issues ?? []).map(({ path, message }) => `${["settings", ...path].join(".")}: ${message}`),
    ...secretProblems(subscriber, subscription),
    ...directionProblems(subscriber, subscription),
  ];
  if (!settings.success || problems.length > 0) throw invalid(name, problems);
  const secrets = await readSecrets(subscription, parts);
  return bindSubscriber(subscriber, { use, fields, settings: settings.data, secrets, parts });
}

function secretProblems({ secrets = [], name }: Subscriber, subscription: Subscription): string[] {
  const words = secrets.map((word) => word.replace("?", ""));
  return [
    ...secrets
      .filter((word) => !word.endsWith("?") && subscription.secrets[word] === undefined)
      .map((word) => `secrets.${word}: subscriber ${name} needs it; name a secret of the client's`),
    ...Object.keys(subscription.secrets)
      .filter((word) => !words.includes(word))
      .map((word) =>
        words.length === 0
          ? `secrets.${word}: subscriber ${name} asks for no secrets`
          : `secrets.${word}: subscriber ${name} asks for ${words.join(", ")}`,
      ),
  ];
}

function directionProblems(subscriber: Subscriber, { outward, inward, reconcile, use }: Subscription): string[] {
  const problems: string[] = [];
  if (outward && !subscriber.push && !subscriber.pushMany)
    problems.push(`outward: subscriber ${use} takes no changes; set it to false`);
  if (inward?.by === "poll" && !subscriber.pull) problems.push(`inward: subscriber ${use} cannot be polled`);
  if (inward?.by === "webhook" && !subscriber.webhook) problems.push(`inward: subscriber ${use} knows no webhooks`);
  if (reconcile && !subscriber.pull && !subscriber.list)
    problems.push(`reconcile: subscriber ${use} cannot list what is there, so nothing can be compared`);
  return problems;
}

function invalid(name: string, problems: readonly string[]): Misconfigured {
  return new Misconfigured({
    code: "subscription_invalid",
    message: `Subscription ${name} cannot work: ${problems.join("; ")}. Correct the profile.`,
    context: { problems },
  });
}

async function readSecrets({ secrets }: Subscription, parts: SubscriberParts): Promise<Record<string, string>> {
  const read = Object.entries(secrets).map(async ([word, name]) => {
    const secret = await parts.secret(name);
    // A line end comes from the editor or the shell that the secret was typed into.
    return [word, secret.toString("utf8").replace(/\r?\n$/, "")] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}
