import { escapeHtml, wrap } from "./display.ts";
import { FONT, foreign, LINE, MUTED, noteOf, page, row, section, TEXT } from "./page.ts";
import type { Worded } from "./worded.ts";
import type { Tone } from "./wording.ts";

/** A name and its value; `code`: something to compare or to copy, letter by letter. */
export interface Fact {
  label: string;
  value: string;
  code?: boolean;
}

/** One piece of a letter. Every text is safe to show, and none is escaped yet. */
export type Block =
  | { kind: "paragraph"; text: string }
  /** A paragraph that says first what it is about: `What to do: …`. */
  | { kind: "labelled"; label: string; text: string }
  | { kind: "list"; items: readonly string[] }
  | { kind: "facts"; facts: readonly Fact[] };

/** A mail about one matter, ready for both of its forms. It reads from top to bottom, aloud as well. */
export interface Letter {
  subject: string;
  word: string;
  tone: Tone;
  heading: string;
  /** What happened, in one or two sentences. */
  summary: string;
  /** What stands out beside it. */
  note: string | undefined;
  sections: readonly { heading: string; blocks: readonly Block[] }[];
  /** Plain sentences. */
  footer: readonly string[];
}

/** Both forms of a letter. */
export function wordedLetter(letter: Letter): Worded {
  return { subject: letter.subject, text: letterText(letter), html: letterHtml(letter) };
}

function letterText({ heading, word, summary, note, sections, footer }: Letter): string {
  const parts = [
    `${wrap(`${heading}: ${word}`)}\n${wrap(summary)}`,
    ...(note === undefined ? [] : [wrap(note)]),
    ...sections.flatMap((each) => [each.heading.toUpperCase(), each.blocks.map(blockText).join("\n\n")]),
    ["-- ", ...footer.map((line) => wrap(line))].join("\n"),
  ];
  return `${parts.join("\n\n")}\n`;
}

function blockText(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return wrap(block.text);
    case "labelled":
      return wrap(`${block.label}: ${block.text}`);
    case "list":
      return block.items.map((item) => `- ${wrap(item, { indent: "  " }).trimStart()}`).join("\n");
    case "facts":
      // A value that is copied stays on one line of its own.
      return block.facts
        .map(({ label, value, code }) => (code ? `${label}:\n  ${value}` : wrap(`${label}: ${value}`)))
        .join("\n");
  }
}

function letterHtml({ subject, word, tone, heading, summary, note, sections, footer }: Letter): string {
  const rows = [
    ...(note === undefined ? [] : [row(noteOf(note), "16px 32px 0")]),
    ...sections.map((each) => section(each.heading, each.blocks.map(blockHtml).join("\n"))),
  ];
  return page({ title: subject, word, tone, heading, summary, rows, footer });
}

const PROSE = `font-size:15px;line-height:22px;${TEXT}`;
const MONO = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace;font-size:14px";

function blockHtml(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return `<p class="text" style="margin:0 0 8px;${PROSE}">${foreign(block.text)}</p>`;
    case "labelled":
      return `<p class="text" style="margin:0 0 8px;${PROSE}"><strong>${escapeHtml(block.label)}:</strong> ${foreign(block.text)}</p>`;
    case "list":
      return `<ul class="text" style="margin:0 0 8px;padding:0 0 0 20px;${PROSE}">${block.items
        .map((item) => `<li style="margin:0 0 4px">${foreign(item)}</li>`)
        .join("")}</ul>`;
    case "facts":
      return factsHtml(block.facts);
  }
}

/** A longer label than this stands above its value. */
const MOST_LABEL_CHARACTERS = 20;

function factsHtml(facts: readonly Fact[]): string {
  const lines = facts.map(({ label, value, code }) => {
    const name = escapeHtml(label);
    const said = `font-size:15px;line-height:21px;font-variant-numeric:tabular-nums;${TEXT};${code ? MONO : FONT}`;
    return label.length > MOST_LABEL_CHARACTERS
      ? `<tr><td colspan="2" class="line" style="padding:7px 0;border-bottom:1px solid ${LINE}"><span class="muted" style="font-size:14px;line-height:21px;${MUTED}">${name}:</span><br><span class="text" style="${said}">${foreign(value)}</span></td></tr>`
      : `<tr><th scope="row" class="muted line fact" style="padding:7px 14px 7px 0;border-bottom:1px solid ${LINE};text-align:left;vertical-align:top;width:120px;font-size:14px;line-height:21px;font-weight:400;${MUTED}">${name}</th>` +
          `<td class="text line" style="padding:7px 0;border-bottom:1px solid ${LINE};text-align:left;vertical-align:top;${said}">${foreign(value)}</td></tr>`;
  });
  return `<table width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse;margin:0 0 8px"><tbody>${lines.join("\n")}</tbody></table>`;
}
