import { Input, Text, Textarea } from "@mantine/core";
import { useId, useRef } from "react";
import type { Words } from "../state/draft.ts";
import { useEditor } from "../state/editor-context.ts";
import { ownWordsIn, withWordsIn, wordsIn } from "../state/words.ts";
import { InsertValue } from "./insert-value.tsx";
import classes from "./words-input.module.css";

interface WordsInputProps {
  label: string;
  description?: string;
  value: Words | undefined;
  maxLength: number;
  minRows?: number;
  maxRows?: number;
  placeholder?: string;
  /** One line: Enter makes no other. */
  single?: boolean;
  error?: string | undefined;
  "data-path"?: string;
  onChange: (words: Words) => void;
}

/** Words for recipients, in the language that is written now, with values of their rows. */
export function WordsInput({ label, value, onChange, single = false, minRows = 1, ...props }: WordsInputProps) {
  const { language, languages } = useEditor();
  const own = languages[0]!;
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const { error, description, placeholder, maxRows = 6, ...rest } = props;
  const text = ownWordsIn(value, language, own);
  const instead = wordsIn(value, own, own);
  const set = (next: string) => onChange(withWordsIn(value, language, own, single ? next.replaceAll("\n", " ") : next));
  const insert = (placeholder: string) => {
    const element = area.current;
    const [from, to] = [element?.selectionStart ?? text.length, element?.selectionEnd ?? text.length];
    set(text.slice(0, from) + placeholder + text.slice(to));
    requestAnimationFrame(() => {
      element?.focus();
      element?.setSelectionRange(from + placeholder.length, from + placeholder.length);
    });
  };
  return (
    <Input.Wrapper size="xs" error={error} inputWrapperOrder={["label", "input", "error"]}>
      <div className={classes.head}>
        <Input.Label htmlFor={id} size="xs">
          {label}
          {languages.length > 1 && (
            <Text span fz="xs" c="var(--quiet)">
              {" "}
              {language}
            </Text>
          )}
        </Input.Label>
        <InsertValue label={label} onInsert={insert} />
      </div>
      {description !== undefined && <Input.Description size="xs">{description}</Input.Description>}
      <Textarea
        ref={area}
        id={id}
        size="xs"
        autosize
        minRows={minRows}
        maxRows={maxRows}
        placeholder={language === own ? placeholder : instead}
        value={text}
        error={error !== undefined}
        onChange={(event) => set(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (single && event.key === "Enter") event.preventDefault();
        }}
        {...rest}
      />
    </Input.Wrapper>
  );
}
