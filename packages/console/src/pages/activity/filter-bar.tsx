import { BATCH_STATUS_WORDS } from "@inlet/contracts/batch-words";
import { Button, Group, Input, InputBase } from "@mantine/core";
import { IconBookmark, IconSelector } from "@tabler/icons-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { SearchBox } from "../../parts/search-box.tsx";
import { SINCE, sinceOf } from "../../parts/since.ts";
import classes from "./filter-bar.module.css";
import { type Filters, isFiltered, statusesOf } from "./filters.ts";

const loadChoices = () => import("./filter-choices.tsx");
const FilterChoices = lazy(() => loadChoices().then(({ FilterChoices: component }) => ({ default: component })));

/** Which of the lists somebody reached for, and whether it is to open: by the keyboard it is only come to. */
export interface Reached {
  name: "status" | "project" | "received" | "views";
  opens: boolean;
}

interface FilterBarProps {
  filters: Filters;
  onChange: (filters: Filters) => void;
}

/** What the Activity Monitor shows: everything here stands in the address. */
export function FilterBar({ filters, onChange }: FilterBarProps) {
  const [reached, setReached] = useState<Reached>();
  const change = (part: Filters) => onChange(cleared({ ...filters, ...part }));
  const closed = <ClosedChoices filters={filters} onReach={setReached} />;
  return (
    <Group gap="xs" className={classes.bar} role="search">
      <SearchBox
        value={filters.text ?? ""}
        onChange={(text) => change({ text })}
        placeholder="File, #number, login, checksum"
        className={classes.search}
      />
      {reached === undefined ? (
        closed
      ) : (
        <Suspense fallback={closed}>
          <FilterChoices filters={filters} onChange={change} onOpen={onChange} reached={reached} />
        </Suspense>
      )}
      {isFiltered(filters) && (
        <Button variant="subtle" color="gray" onClick={() => onChange({})}>
          Clear
        </Button>
      )}
    </Group>
  );
}

/** Empty conditions are none. */
const cleared = (filters: Filters): Filters =>
  Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined && value !== ""));

/** The lists as long as nobody has reached for one: they look and are called the same, and weigh nothing. */
function ClosedChoices({ filters, onReach }: { filters: Filters; onReach: (reached: Reached) => void }) {
  const statuses = statusesOf(filters).map((status) => BATCH_STATUS_WORDS[status]);
  const project = filters.client && filters.project ? `${filters.client}/${filters.project}` : undefined;
  const since = SINCE.find(({ value }) => value === sinceOf(filters.from))?.label;
  const box = (name: Reached["name"]) => ({ name, onReach });
  return (
    <>
      <ClosedBox {...box("status")} label="Status" className={classes.wide} placeholder="Any status">
        {statuses.join(", ") || undefined}
      </ClosedBox>
      <ClosedBox {...box("project")} label="Project" className={classes.project} placeholder="All projects">
        {project}
      </ClosedBox>
      <ClosedBox {...box("received")} label="Received" className={classes.narrow} placeholder="Any time">
        {since}
      </ClosedBox>
      <Button
        variant="default"
        leftSection={<IconBookmark size={16} aria-hidden />}
        aria-haspopup="menu"
        {...reaching("views", onReach)}
      >
        Views
      </Button>
    </>
  );
}

interface ClosedBoxProps {
  name: Reached["name"];
  label: string;
  placeholder: string;
  className: string | undefined;
  onReach: (reached: Reached) => void;
  /** What is chosen; undefined: nothing. */
  children: ReactNode;
}

function ClosedBox({ name, label, placeholder, className, onReach, children }: ClosedBoxProps) {
  return (
    <InputBase
      component="button"
      type="button"
      pointer
      role="combobox"
      aria-label={label}
      aria-haspopup="listbox"
      aria-expanded={false}
      rightSection={<IconSelector size={16} stroke={1.5} aria-hidden />}
      rightSectionPointerEvents="none"
      className={className}
      {...reaching(name, onReach)}
    >
      {children === undefined ? (
        <Input.Placeholder>{placeholder}</Input.Placeholder>
      ) : (
        <span className={classes.chosen}>{children}</span>
      )}
    </InputBase>
  );
}

function reaching(name: Reached["name"], onReach: (reached: Reached) => void) {
  return {
    onPointerEnter: () => void loadChoices(),
    onFocus: ({ currentTarget }: React.FocusEvent<HTMLElement>) => {
      // A click brings the focus, too, and is still under way then.
      if (currentTarget.matches(":focus-visible")) onReach({ name, opens: false });
    },
    onClick: () => onReach({ name, opens: true }),
  };
}
