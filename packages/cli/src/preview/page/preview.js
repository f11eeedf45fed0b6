// The preview's page: the player with one row's film, what is wrong, and what the row holds. Asks again at every change.
const { openPlayer } = await import(document.querySelector("script[data-player]").dataset.player);

const part = (id) => document.getElementById(id);
const host = part("player");

let state;
let player;
/** What the player shows. */
let shown;
let rowIndex;
let language = "";

const asked = async (address) => {
  const response = await fetch(address);
  if (!response.ok) throw new Error(await response.text());
  return await response.json();
};

async function refresh() {
  state = await asked("state");
  rowIndex = Math.min(rowIndex ?? state.firstRow, state.rows.length - 1);
  if (!state.languages.includes(language)) language = "";
  document.title = `${state.title} · preview`;
  part("title").textContent = state.title;
  part("file").textContent = state.file;
  fill(
    part("row"),
    state.rows.map((name, index) => [String(index), name]),
    String(rowIndex),
  );
  fill(part("language"), [["", "the row’s own"], ...state.languages.map((each) => [each, nameOf(each)])], language);
  part("language-choice").hidden = state.languages.length < 2;
  showProblems();
  await showRow();
}

async function showRow() {
  part("before").disabled = rowIndex === 0;
  part("next").disabled = rowIndex === state.rows.length - 1;
  part("row").value = String(rowIndex);
  const film = await asked(`film?row=${rowIndex}&language=${encodeURIComponent(language)}`);
  document.body.classList.toggle("stale", film === null && player !== undefined);
  // A file that is not whole at this moment: what was shown last stays.
  if (film === null) return;
  show(film);
  showUnmet(film.unmet);
  showWords(film.words);
  showValues(film.values);
}

function show({ page }) {
  const isSame = player && shown.words.language === page.words.language;
  const atMs = player?.currentMs ?? 0;
  shown = page;
  host.style.setProperty("--ratio", String(page.film.width / page.film.height));
  if (isSame) {
    player.setFilm(page.film);
    return;
  }
  player?.close();
  const { film, words } = page;
  player = openPlayer(host, { film, words, assetUrl: ({ sha256 }) => shown.assets[sha256] ?? "" });
  if (atMs > 0) player.seek(atMs);
}

function showProblems() {
  const { problems } = state;
  const items = problems.map(({ severity, where, line, message }) =>
    made("li", severity, [
      made("strong", "", severity === "error" ? "Mistake" : "Warning"),
      made("span", "where", [line === null ? "" : `line ${line}`, where].filter(Boolean).join(" · ")),
      made("p", "", message),
    ]),
  );
  part("problems").replaceChildren(...(items.length > 0 ? items : [made("li", "none", "None found.")]));
  part("problems-title").textContent = items.length > 0 ? `Problems (${items.length})` : "Problems";
}

function showUnmet(unmet) {
  part("unmet").hidden = unmet.length === 0;
  part("unmet").textContent = `This row would get no link. ${unmet.join(" ")}`;
}

function showWords({ title, text, fields, button, footer, links, colour, language: tongue, direction }) {
  const words = part("words");
  words.lang = tongue;
  words.dir = direction;
  words.style.setProperty("--brand", colour);
  words.style.setProperty("--on-brand", isDark(colour) ? "#ffffff" : "#14161b");
  const said = (tag, name, { text, direction }) => {
    const element = made(tag, name, text);
    element.dir = direction;
    return element;
  };
  const list = made(
    "dl",
    "fields",
    fields.flatMap(({ label, value }) => [said("dt", "", label), said("dd", "", value)]),
  );
  const link = (name, { label, url }) => {
    const element = said("a", name, label);
    if (/^https?:/i.test(url)) element.href = url;
    element.target = "_blank";
    element.rel = "noopener noreferrer";
    return element;
  };
  words.replaceChildren(
    ...(title.text ? [said("h2", "title", title)] : []),
    ...(text.text ? [said("p", "text", text)] : []),
    ...(fields.length > 0 ? [list] : []),
    ...(button ? [link("button", button)] : []),
    ...(footer.text ? [said("p", "footer", footer)] : []),
    ...(links.length > 0
      ? [
          made(
            "p",
            "links",
            links.map((each) => link("", each)),
          ),
        ]
      : []),
  );
  words.hidden = words.childElementCount === 0;
}

function showValues(values) {
  const entries = Object.entries(values);
  const cells = entries.flatMap(([column, value]) => [
    made("dt", "", column),
    made("dd", value ? "" : "empty", value || "empty"),
  ]);
  part("values").replaceChildren(...(cells.length > 0 ? cells : [made("dd", "empty", "Every cell is empty.")]));
}

function fill(select, options, chosen) {
  select.replaceChildren(...options.map(([value, name]) => new Option(name, value, false, value === chosen)));
}

function made(tag, name, inside) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...(Array.isArray(inside) ? inside : [inside]));
  return element;
}

/** Whether white stands out on a colour better than black does (WCAG's relative luminance). */
function isDark(colour) {
  const [red, green, blue] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.179;
}

function nameOf(tag) {
  return new Intl.DisplayNames(["en"], { type: "language" }).of(tag) ?? tag;
}

const choose = (index) => {
  rowIndex = Math.min(state.rows.length - 1, Math.max(0, index));
  void showRow();
};
part("row").addEventListener("change", () => choose(Number(part("row").value)));
part("before").addEventListener("click", () => choose(rowIndex - 1));
part("next").addEventListener("click", () => choose(rowIndex + 1));
part("language").addEventListener("change", () => {
  language = part("language").value;
  void showRow();
});

await refresh();
const changes = new EventSource("changes");
changes.addEventListener("message", () => void refresh());
let wasLost = false;
changes.addEventListener("error", () => {
  wasLost = true;
  part("state").textContent = "The preview has ended. Start it again in the terminal.";
});
changes.addEventListener("open", () => {
  part("state").textContent = "What you save is shown at once.";
  if (wasLost) void refresh();
});
