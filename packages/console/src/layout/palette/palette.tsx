import { Kbd, Loader, Modal, Text } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { type Choice, useChoices } from "./choices.tsx";
import classes from "./palette.module.css";

interface PaletteProps {
  opened: boolean;
  onClose: () => void;
}

/** Goes anywhere by a few letters: pages, projects, tables, batches, and what is done most. */
export function Palette({ opened, onClose }: PaletteProps) {
  return (
    <Modal.Root
      opened={opened}
      onClose={onClose}
      size={600}
      padding={0}
      yOffset="12dvh"
      centered={false}
      transitionProps={{ duration: 0 }}
    >
      <Modal.Overlay />
      <Modal.Content aria-label="Search">
        <Modal.Body>
          <Search opened={opened} onClose={onClose} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

/** A combobox whose list is always there: the arrows go through it while the typing goes on (WAI-ARIA, combobox pattern). */
function Search({ opened, onClose }: PaletteProps) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const { choices, isLooking } = useChoices(text, opened);
  const list = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLInputElement>(null);
  const id = useId();
  const active = Math.min(at, Math.max(0, choices.length - 1));
  const optionId = (place: number) => `${id}-${place}`;

  // At once: who knows the keys types on before the dialog's own focus comes.
  useEffect(() => box.current?.focus(), []);
  useEffect(() => {
    list.current?.querySelector(`[data-at="${active}"]`)?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const choose = (choice: Choice | undefined) => {
    if (choice === undefined) return;
    onClose();
    void choice.go();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes a character, Enter belongs to it.
    if (event.nativeEvent.isComposing) return;
    const steps: Record<string, number> = {
      ArrowDown: (active + 1) % Math.max(1, choices.length),
      ArrowUp: (active - 1 + choices.length) % Math.max(1, choices.length),
      PageDown: Math.min(active + 6, choices.length - 1),
      PageUp: Math.max(active - 6, 0),
    };
    const next = steps[event.key];
    if (next === undefined && event.key !== "Enter") return;
    event.preventDefault();
    if (next === undefined) choose(choices[active]);
    else setAt(next);
  };

  return (
    <>
      <div className={classes.head}>
        {isLooking ? <Loader size={18} aria-hidden /> : <IconSearch size={18} aria-hidden />}
        <input
          ref={box}
          className={classes.input}
          role="combobox"
          aria-label="Search"
          aria-expanded
          aria-controls={id}
          aria-activedescendant={choices.length > 0 ? optionId(active) : undefined}
          aria-autocomplete="list"
          placeholder="Page, project, table, file or #number"
          data-autofocus
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <Kbd size="xs" aria-hidden>
          Esc
        </Kbd>
      </div>
      <div ref={list} id={id} role="listbox" aria-label="Found" className={classes.list}>
        {grouped(choices).map(({ group, members }) => (
          // biome-ignore lint/a11y/useSemanticElements: a listbox holds groups, not fieldsets
          <div key={group} role="group" aria-labelledby={`${id}-${group}`}>
            <div id={`${id}-${group}`} className={classes.group}>
              {group}
            </div>
            {members.map(({ choice, place }) => (
              <Option
                key={choice.id}
                id={optionId(place)}
                choice={choice}
                place={place}
                isActive={place === active}
                onPoint={() => setAt(place)}
                onChoose={() => choose(choice)}
              />
            ))}
          </div>
        ))}
      </div>
      {choices.length === 0 && (
        <Text className={classes.nothing} c="var(--quiet)" fz="sm" role="status">
          {isLooking ? "Looking …" : "Nothing is called so. Batches are found by number, file name or login."}
        </Text>
      )}
    </>
  );
}

interface OptionProps {
  id: string;
  choice: Choice;
  place: number;
  isActive: boolean;
  onPoint: () => void;
  onChoose: () => void;
}

function Option({ id, choice: { label, hint, icon: Icon }, place, isActive, onPoint, onChoose }: OptionProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard stays in the box above
    // biome-ignore lint/a11y/useFocusableInteractive: the box above says which one is active
    <div
      id={id}
      role="option"
      aria-selected={isActive}
      data-at={place}
      className={classes.option}
      onMouseMove={onPoint}
      onClick={onChoose}
    >
      <Icon size={17} stroke={1.7} aria-hidden className={classes.icon} />
      <span className={classes.label}>{label}</span>
      {hint !== undefined && <span className={classes.hint}>{hint}</span>}
    </div>
  );
}

/** The choices with their places in the whole list, by group in the order in which groups come. */
function grouped(choices: readonly Choice[]) {
  const groups = new Map<string, { choice: Choice; place: number }[]>();
  for (const [place, choice] of choices.entries()) {
    const members = groups.get(choice.group) ?? [];
    members.push({ choice, place });
    groups.set(choice.group, members);
  }
  return [...groups].map(([group, members]) => ({ group, members }));
}
