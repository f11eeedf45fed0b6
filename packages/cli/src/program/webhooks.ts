import { Argument, type Command, Option } from "commander";
import { all, collect, number, type SetExitCode } from "./arguments.ts";

const webhookArgument = () =>
  new Argument("<webhook>", "its number, as `inlet webhooks list` shows it").argParser(number);
const deliveryArgument = () =>
  new Argument("<delivery>", "its number, as `inlet webhooks deliveries` shows it").argParser(number);
const EVENTS_HELP = `
Events: batch.received, and batch. with how it ended: completed partial rejected failed duplicate superseded cancelled
unpacked; run.reported, run.overdue. docs/webhooks.md says what each holds, and how a receiver checks its signature.`;

/** `inlet webhooks`. */
export function addWebhooks(webhooks: Command, setExitCode: SetExitCode): void {
  webhooks
    .command("list")
    .description("List a client's webhooks")
    .argument("<client>")
    .action(async (client, _, command) => (await import("../commands/webhooks.ts")).listWebhooks(client, all(command)));
  webhooks
    .command("add")
    .description("Add a webhook; its secret is shown once")
    .argument("<owner>", "a client, or client/project for one project alone")
    .argument("<address>", "such as https://example.com/inlet")
    .requiredOption("-e, --event <event>", "what it is told of; may be repeated", collect)
    .option("--description <text>")
    .option("--secret <secret>", "one that its receiver has already: whsec_ and base64")
    .addHelpText("after", EVENTS_HELP)
    .action(async (owner, address, _, command) =>
      (await import("../commands/webhooks.ts")).addWebhook(owner, address, all(command)),
    );
  webhooks
    .command("change")
    .description("Change a webhook; what is not given stays as it is")
    .addArgument(webhookArgument())
    .option("--address <address>", "its new address")
    .option("-e, --event <event>", "in place of the events there are; may be repeated", collect)
    .option("--description <text>")
    .addHelpText("after", EVENTS_HELP)
    .action(async (webhook, _, command) =>
      (await import("../commands/webhooks.ts")).changeWebhook(webhook, all(command)),
    );
  for (const [name, enabled, words] of [
    ["disable", false, "Tell a webhook of nothing, and keep nothing for it"],
    ["enable", true, "Tell a webhook of events again"],
  ] as const) {
    webhooks
      .command(name)
      .description(words)
      .addArgument(webhookArgument())
      .action(async (webhook, _, command) =>
        (await import("../commands/webhooks.ts")).changeWebhook(webhook, { ...all(command), enabled }),
      );
  }
  webhooks
    .command("rotate")
    .description("Make a new secret, which is shown once")
    .addArgument(webhookArgument())
    .option("--grace-hours <number>", "so long the old one signs, too, at most 168 (default: 24)", number)
    .action(async (webhook, _, command) =>
      (await import("../commands/webhooks.ts")).rotateWebhook(webhook, all(command)),
    );
  webhooks
    .command("ping")
    .description("Try a webhook out, and show what its receiver answers")
    .addArgument(webhookArgument())
    .action(async (webhook, _, command) =>
      setExitCode(await (await import("../commands/webhooks.ts")).pingWebhook(webhook, all(command))),
    );
  webhooks
    .command("remove")
    .description("Remove a webhook and what is known of its deliveries")
    .addArgument(webhookArgument())
    .action(async (webhook, _, command) =>
      (await import("../commands/webhooks.ts")).removeWebhook(webhook, all(command)),
    );
  webhooks
    .command("deliveries")
    .description("List what a webhook was told, newest first")
    .addArgument(webhookArgument())
    .addOption(new Option("--state <state>").choices(["waiting", "sending", "delivered", "failed"]))
    .option("-n, --limit <number>", "how many (default: 20)", number)
    .action(async (webhook, _, command) =>
      (await import("../commands/webhooks.ts")).listDeliveries(webhook, all(command)),
    );
  webhooks
    .command("delivery")
    .description("Show a delivery and its attempts; with --json also what was sent")
    .addArgument(deliveryArgument())
    .action(async (delivery, _, command) => (await import("../commands/webhooks.ts")).delivery(delivery, all(command)));
  webhooks
    .command("resend")
    .description("Send a delivery again, under the same webhook-id")
    .addArgument(deliveryArgument())
    .action(async (delivery, _, command) =>
      (await import("../commands/webhooks.ts")).resendDelivery(delivery, all(command)),
    );
}
