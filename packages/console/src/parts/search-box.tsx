import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

interface SearchBoxProps {
  value: string;
  onChange: (text: string) => void;
  label?: string;
  /** What can be looked for. */
  placeholder: string;
  className?: string | undefined;
}

/** A box to look for something: it tells of what was typed when the typing pauses. */
export function SearchBox({ value, onChange, label = "Search", placeholder, className }: SearchBoxProps) {
  const [text, setText] = useState(value);
  const told = useRef(value);
  const tell = (next: string) => {
    told.current = next;
    onChange(next);
  };
  const tellSoon = useDebouncedCallback(tell, 250);
  // The address may change without this box: back, a saved view, “Clear”. Its echo of what was typed is no such change.
  useEffect(() => {
    if (value !== told.current) setText(value);
    told.current = value;
  }, [value]);
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={placeholder}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={
        text !== "" && (
          <CloseButton
            size="sm"
            aria-label="Clear the search"
            onClick={() => {
              setText("");
              tellSoon.cancel();
              tell("");
            }}
          />
        )
      }
      value={text}
      maxLength={200}
      onChange={(event) => {
        setText(event.currentTarget.value);
        tellSoon(event.currentTarget.value.trim());
      }}
      className={className}
    />
  );
}
