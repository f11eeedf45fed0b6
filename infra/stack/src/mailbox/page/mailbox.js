// The page of the mailbox: a list that follows what arrives, and the chosen mail. No library, nothing from elsewhere.
const byId = (id) => document.getElementById(id);
const copyOf = (id) => byId(id).content.cloneNode(true);
const list = byId("list");
const reader = byId("mail");
const search = byId("search");

let mails = [];
let shown;

const chosenId = () => decodeURIComponent(location.hash.slice(1));

async function refresh() {
  const answer = await fetch("api/messages");
  mails = await answer.json();
  drawList();
  await drawMail();
}

function drawList() {
  const wanted = search.value.toLowerCase();
  const found = mails.filter(({ from, to, subject, preview }) =>
    [from, to, subject, preview].join("\n").toLowerCase().includes(wanted),
  );
  byId("state").textContent = mails.length === 1 ? "1 mail" : `${mails.length} mails`;
  list.replaceChildren(...found.map(rowOf));
}

function rowOf({ id, from, subject, preview, receivedAt, to }) {
  const row = copyOf("row");
  const link = row.querySelector("a");
  link.href = `#${encodeURIComponent(id)}`;
  link.setAttribute("aria-current", String(id === chosenId()));
  row.querySelector(".from").textContent = to;
  row.querySelector(".from").title = `from ${from}`;
  row.querySelector(".subject").textContent = subject || "(no subject)";
  row.querySelector(".preview").textContent = preview;
  const time = row.querySelector("time");
  time.dateTime = receivedAt;
  time.textContent = timeOf(receivedAt);
  return row;
}

function timeOf(iso) {
  const date = new Date(iso);
  const today = date.toDateString() === new Date().toDateString();
  return date.toLocaleString([], today ? { timeStyle: "medium" } : { dateStyle: "medium", timeStyle: "short" });
}

async function drawMail() {
  if (!mails.some(({ id }) => id === chosenId())) {
    if (mails.length === 0) {
      shown = undefined;
      reader.replaceChildren(copyOf("nothing"));
      return;
    }
    history.replaceState(null, "", `#${encodeURIComponent(mails[0].id)}`);
    drawList();
  }
  const id = chosenId();
  if (id === shown) return;
  const mail = await (await fetch(`api/messages/${encodeURIComponent(id)}`)).json();
  if (id !== chosenId()) return;
  shown = id;
  reader.replaceChildren(readingOf(mail));
}

function readingOf(mail) {
  const reading = copyOf("reading");
  const base = `api/messages/${encodeURIComponent(mail.id)}`;
  reading.querySelector("h2").textContent = mail.subject || "(no subject)";
  const facts = { From: mail.from, To: mail.to, Received: new Date(mail.receivedAt).toLocaleString() };
  const hidden = mail.envelope.to.filter((address) => !mail.to.toLowerCase().includes(address.toLowerCase()));
  if (hidden.length > 0) facts["Delivered to"] = hidden.join(", ");
  for (const [name, value] of Object.entries(facts))
    reading.querySelector("dl").append(element("dt", name), element("dd", value));

  const views = {
    ...(mail.html !== undefined && { Page: () => frame(`${base}/html`) }),
    Text: () => element("pre", mail.text),
    Headers: () => element("pre", mail.headers.map(({ name, value }) => `${name}: ${value}`).join("\n")),
    Raw: async () => element("pre", await (await fetch(`${base}/raw`)).text()),
  };
  const body = reading.querySelector(".body");
  const tabs = Object.keys(views).map((name) => {
    const tab = element("button", name);
    tab.type = "button";
    tab.setAttribute("role", "tab");
    tab.addEventListener("click", () => show(name));
    return tab;
  });
  const show = async (name) => {
    for (const tab of tabs) tab.setAttribute("aria-selected", String(tab.textContent === name));
    body.replaceChildren(await views[name]());
  };
  reading.querySelector(".tabs").append(...tabs);
  reading
    .querySelector(".attachments")
    .append(...mail.attachments.map((attachment, index) => attachmentOf(attachment, `${base}/attachments/${index}`)));
  void show(Object.keys(views)[0]);
  return reading;
}

function attachmentOf({ filename, sizeBytes }, href) {
  const link = element("a", `${filename} (${Math.max(1, Math.round(sizeBytes / 1024))} KB)`);
  link.href = href;
  const item = document.createElement("li");
  item.append(link);
  return item;
}

function frame(src) {
  const iframe = document.createElement("iframe");
  iframe.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
  iframe.title = "The mail as a page";
  iframe.src = src;
  return iframe;
}

function element(name, text) {
  const node = document.createElement(name);
  node.textContent = text;
  return node;
}

byId("clear").addEventListener("click", async () => {
  if (confirm("Delete all mails of this mailbox?")) await fetch("api/messages", { method: "DELETE" });
});
search.addEventListener("input", drawList);
addEventListener("hashchange", async () => {
  drawList();
  await drawMail();
});

const events = new EventSource("api/events");
events.onopen = refresh;
events.onmessage = refresh;
events.onerror = () => {
  byId("state").textContent = "the mailbox is down; waiting for it …";
};
