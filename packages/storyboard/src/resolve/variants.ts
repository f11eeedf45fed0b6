import type { LocalizedText, Storyboard } from "@inlet/contracts";
import type { Film } from "../film/film.ts";
import type { Row } from "../row.ts";
import { conditionColumns } from "../rules/compile-condition.ts";
import { textIn } from "../words/language.ts";
import type { Words } from "../words/merge.ts";
import { templateColumns } from "../words/template.ts";
import { type Memory, openMemory } from "./answer-memory.ts";
import { resolvedFilm } from "./film-of.ts";
import { type PageWords, resolvedPageWords } from "./page-words-of.ts";
import { type ResolveOptions, type Resolving, resolvingOf } from "./resolving.ts";

/** What was made of a storyboard for all rows that it looks the same for, and the words of one of them. */
export interface Shown<Made> {
  made: Made;
  /** What stands in the places of the marks, by their numbers. As plain text. */
  texts: readonly string[];
}

export interface VariantOptions<Made> extends ResolveOptions {
  /** How many are kept. */
  most: number;
  /** What stands in a film for the text of this number. Nothing else may look like it. */
  mark(index: number): string;
  /** Makes whatever is to be shared of a film and a page's words with marks for what is a row's own. */
  make(film: Film, words: PageWords): Made;
}

interface Answer {
  /** What of it decides how the film goes on. */
  branch: string;
  /** What of it is merely shown. */
  text?: string | undefined;
}

/** What is asked of a row. */
interface Question {
  /** All of the row that the answer hangs on, besides the language. */
  columns: readonly string[];
  answer(resolving: Resolving): Answer;
}

interface Turn<Made> {
  /** Undefined at the end of a way. */
  question: ((row: Row, resolving: Resolving) => Answer) | undefined;
  next: Map<string, Turn<Made>>;
  made: Made | undefined;
}

/**
 * Films of many rows, of which most differ in nothing but words. Which questions are asked of a row follows from the answers to
 * those before; so a way through them is remembered for each film that differs in more, and what was made of that film is made
 * once. A row then costs its answers and no film.
 * @returns Undefined for a row whose way is new when there is no more room: it is resolved by itself
 */
export function openVariants<Made>(
  storyboard: Storyboard,
  { most, mark, make, ...options }: VariantOptions<Made>,
): (row: Row) => Shown<Made> | undefined {
  const begins = new Map<string, Turn<Made>>();
  const memory = openMemory<Answer>();
  let known = 0;

  function learn(resolving: Resolving): Shown<Made> {
    const texts: string[] = [];
    let turn = turnAt(begins, resolving.language);
    const ask = (question: Question): Answer => {
      turn.question ??= remembering(memory, question);
      const answer = question.answer(resolving);
      turn = turnAt(turn.next, answer.branch);
      return answer;
    };
    const marked = (question: Question): string | undefined => {
      const { text } = ask(question);
      if (text === undefined) return undefined;
      texts.push(text);
      return mark(texts.length - 1);
    };
    const asking = askingFor(storyboard, resolving, { ask, marked });
    const made = make(resolvedFilm(storyboard, asking), resolvedPageWords(storyboard, asking));
    turn.made = made;
    known += 1;
    return { made, texts };
  }

  return (row) => {
    const resolving = resolvingOf(storyboard, row, options);
    const texts: string[] = [];
    let turn = begins.get(resolving.language);
    while (turn?.question !== undefined) {
      const { branch, text } = turn.question(row, resolving);
      if (text !== undefined) texts.push(text);
      turn = turn.next.get(branch);
    }
    if (turn?.made !== undefined) return { made: turn.made, texts };
    return known < most ? learn(resolving) : undefined;
  };
}

/** Most columns hold few different values, dates and products, say: what is made of one is made once. */
function remembering(memory: Memory<Answer>, { columns, answer }: Question) {
  const recall = memory.drawer();
  const [only] = columns;
  // No cell holds a NUL: PostgreSQL takes none.
  const nameOf = columns.length === 1 ? (row: Row) => row(only!) ?? "" : (row: Row) => columns.map(row).join("\0");
  return (row: Row, resolving: Resolving) => recall(nameOf(row), () => answer(resolving));
}

function turnAt<Made>(turns: Map<string, Turn<Made>>, branch: string): Turn<Made> {
  let turn = turns.get(branch);
  if (turn === undefined) {
    turn = { question: undefined, next: new Map(), made: undefined };
    turns.set(branch, turn);
  }
  return turn;
}

interface Asking {
  ask(question: Question): Answer;
  /** The mark for what is answered; undefined where that is nothing. */
  marked(question: Question): string | undefined;
}

/** Answers as `direct` does, asking only what hangs on the row. */
function askingFor(storyboard: Storyboard, direct: Resolving, { ask, marked }: Asking): Resolving {
  const { language } = direct;
  /** On a way all rows have one language: which of a text's languages it is need not be found again for each. */
  const spoken = (text: LocalizedText) => textIn(text, language, storyboard.language.default);
  const markedWords = (columns: readonly string[], wordsOf: (resolving: Resolving) => Words): Words => {
    let { direction } = direct;
    const text = marked({
      columns,
      answer(resolving) {
        const words = wordsOf(resolving);
        direction = words.direction;
        const isEmpty = words.text === "";
        return { branch: `${words.direction}${isEmpty ? "-" : "+"}`, text: isEmpty ? undefined : words.text };
      },
    });
    return { text: text ?? "", direction };
  };
  return {
    ...direct,
    holds(condition) {
      const columns = conditionColumns(condition);
      return ask({ columns, answer: ({ holds }) => ({ branch: holds(condition) ? "+" : "-" }) }).branch === "+";
    },
    words(text, limits) {
      const template = spoken(text);
      const columns = templateColumns(template);
      if (columns.length === 0) return direct.words(template, limits);
      return markedWords(columns, (resolving) => resolving.words(template, limits));
    },
    cell: (column, format, limits) => markedWords([column], (resolving) => resolving.cell(column, format, limits)),
    url(template) {
      const columns = templateColumns(template);
      if (columns.length === 0) return direct.url(template);
      return marked({
        columns,
        answer(resolving) {
          const text = resolving.url(template);
          return { branch: text === undefined ? "-" : "+", text };
        },
      });
    },
    asset(choice, kinds) {
      const columns = choice === undefined || typeof choice === "string" ? [] : templateColumns(choice.name);
      if (columns.length > 0) {
        ask({ columns, answer: (resolving) => ({ branch: resolving.asset(choice, kinds)?.sha256 ?? "-" }) });
      }
      return direct.asset(choice, kinds);
    },
  };
}
