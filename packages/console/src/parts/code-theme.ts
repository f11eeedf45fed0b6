import { HighlightStyle } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import classes from "./code-theme.module.css";

/** The console's own colours, which are light or dark as the page is. */
export const editorTheme = EditorView.theme({
  "&": { color: "var(--mantine-color-text)", backgroundColor: "var(--page)", fontSize: "0.8125rem" },
  "&.cm-focused": { outline: "none" },
  ".cm-content": {
    fontFamily: "var(--mantine-font-family-monospace)",
    caretColor: "var(--mantine-color-text)",
    padding: "0.75rem 0",
  },
  ".cm-scroller": { fontFamily: "var(--mantine-font-family-monospace)", lineHeight: "1.6" },
  ".cm-cursor": { borderLeftColor: "var(--mantine-color-text)" },
  ".cm-gutters": { backgroundColor: "var(--rail)", color: "var(--quiet)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--busy-soft) 55%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--busy-soft)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--busy) 24%, transparent)",
  },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--busy-soft)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--still-soft)", border: "0", color: "var(--quiet)" },
  ".cm-tooltip": {
    backgroundColor: "var(--page)",
    color: "var(--mantine-color-text)",
    border: "1px solid var(--line-strong)",
    borderRadius: "6px",
    overflow: "hidden",
  },
  ".cm-diagnostic": { padding: "0.375rem 0.625rem" },
  ".cm-diagnostic-error": { borderLeft: "4px solid var(--bad)" },
});

/** Names, texts, figures and comments, each with a colour that is read well on both pages. */
export const highlighting = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], class: classes.name! },
  { tag: [tags.string, tags.special(tags.string)], class: classes.text! },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword, tags.atom], class: classes.figure! },
  { tag: [tags.comment, tags.lineComment], class: classes.comment! },
  { tag: [tags.punctuation, tags.separator, tags.brace, tags.squareBracket, tags.meta], class: classes.sign! },
]);
