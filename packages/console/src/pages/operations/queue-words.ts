/** What the queues are called. */
const QUEUE_WORDS: Readonly<Record<string, string>> = {
  pull: "Pulls",
  arrive: "Arrival",
  validate: "Check",
  personalise: "Links",
  import: "Import",
  deliver: "Delivery",
  send: "E-mails",
  notify: "Webhooks",
  remake: "Uploads for films",
  render: "Videos",
};

/** What a queue is called; one that is not known yet, by its own name. */
export const queueWord = (queue: string): string => QUEUE_WORDS[queue] ?? queue;
