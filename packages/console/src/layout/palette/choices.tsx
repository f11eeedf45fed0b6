import type { BatchSummary, ProjectSummary } from "@inlet/contracts";
import { BATCH_STATUS_WORDS } from "@inlet/contracts/batch-words";
import { useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import {
  IconActivity,
  IconFile,
  IconFolder,
  IconMoon,
  IconPlus,
  IconSun,
  IconTable,
  IconUpload,
  IconUserCircle,
  type TablerIcon,
} from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { projectsQuery } from "../../api/projects.ts";
import { useMay } from "../../api/session.ts";
import { GROUPS } from "../places.ts";
import { batchTexts, found, type Named } from "./match.ts";

/** Something to be chosen, and what choosing it does. */
export interface Choice extends Named {
  id: string;
  group: "Actions" | "Pages" | "Projects" | "Tables" | "Batches";
  icon: TablerIcon;
  /** Beside the label, to tell it from others. */
  hint?: string;
  go: () => unknown;
}

/** Of each kind at most. */
const MOST = 6;
/** The API is asked for batches when the typing pauses. */
const PAUSE_MS = 180;

/** What a text finds: pages and actions at once, batches as soon as the API has answered. */
export function useChoices(text: string, opened: boolean): { choices: Choice[]; isLooking: boolean } {
  const pages = usePages();
  const actions = useActions();
  const { projects, tables } = useProjectChoices(opened);
  const { batches, isLooking } = useBatchChoices(text, opened);
  const isEmpty = text.trim() === "";
  const choices = [
    ...found(actions, text, MOST),
    ...found(pages, text, isEmpty ? 20 : MOST),
    ...(isEmpty ? [] : found(projects, text, MOST)),
    ...(isEmpty ? [] : found(tables, text, MOST)),
    ...batches,
  ];
  // A number or a file's name is mostly meant as one.
  return { choices: /^#?\d+$|[.\d]{4}/.test(text.trim()) ? batchesFirst(choices) : choices, isLooking };
}

const batchesFirst = (choices: readonly Choice[]) => [
  ...choices.filter(({ group }) => group === "Batches"),
  ...choices.filter(({ group }) => group !== "Batches"),
];

function usePages(): Choice[] {
  const may = useMay();
  const navigate = useNavigate();
  const pages = GROUPS.flatMap(({ places }) => places)
    .filter(({ access }) => may(access))
    .map(
      ({ to, label, icon }): Choice => ({ id: `page ${to}`, group: "Pages", label, icon, go: () => navigate({ to }) }),
    );
  return [
    ...pages,
    {
      id: "page account",
      group: "Pages",
      label: "Your account",
      words: "password profile",
      icon: IconUserCircle,
      go: () => navigate({ to: "/account" }),
    },
  ];
}

function useActions(): Choice[] {
  const may = useMay();
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme() === "dark";
  return [
    may("send") && {
      id: "action upload",
      group: "Actions" as const,
      label: "Upload a file",
      words: "send drop new",
      icon: IconUpload,
      go: () => navigate({ to: "/upload" }),
    },
    may("configure") && {
      id: "action set-up",
      group: "Actions" as const,
      label: "Set up a project",
      words: "new client add create",
      icon: IconPlus,
      go: () => navigate({ to: "/set-up" }),
    },
    {
      id: "action look-at",
      group: "Actions" as const,
      label: "Show what needs a look",
      words: "failed rejected partial errors problems",
      icon: IconActivity,
      go: () => navigate({ to: "/activity", search: { status: "failed,rejected,partial" } }),
    },
    {
      id: "action colours",
      group: "Actions" as const,
      label: isDark ? "Switch to light colours" : "Switch to dark colours",
      words: "theme mode night day color",
      icon: isDark ? IconSun : IconMoon,
      go: () => setColorScheme(isDark ? "light" : "dark"),
    },
  ].filter((choice) => choice !== false);
}

function useProjectChoices(opened: boolean): { projects: Choice[]; tables: Choice[] } {
  const may = useMay();
  const navigate = useNavigate();
  const list = useQuery({ ...projectsQuery, enabled: opened });
  const projects = (list.data ?? []).map(
    ({ client, project, title }): Choice => ({
      id: `project ${client}/${project}`,
      group: "Projects",
      label: title ?? `${client}/${project}`,
      words: `${client} ${project}`,
      hint: title === null ? undefined : `${client}/${project}`,
      icon: IconFolder,
      go: () => navigate({ to: "/projects/$client/$project", params: { client, project } }),
    }),
  );
  const tablesOf = ({ client, project, tables }: ProjectSummary) =>
    tables.map(
      ({ name }): Choice => ({
        id: `table ${client}/${project}/${name}`,
        group: "Tables",
        label: name,
        words: `${client} ${project}`,
        hint: `${client}/${project}`,
        icon: IconTable,
        go: () => navigate({ to: "/tables/$client/$project/$table", params: { client, project, table: name } }),
      }),
    );
  return { projects, tables: may("files") ? (list.data ?? []).flatMap(tablesOf) : [] };
}

function useBatchChoices(text: string, opened: boolean): { batches: Choice[]; isLooking: boolean } {
  const navigate = useNavigate();
  const [asked] = useDebouncedValue(text, PAUSE_MS);
  const texts = batchTexts(asked);
  const answer = useQuery({
    queryKey: ["palette", "batches", texts],
    queryFn: async ({ signal }) => {
      const pages = await Promise.all(texts.map((each) => api.with({ signal }).batches({ text: each, limit: MOST })));
      return pages.flatMap((page) => page.batches);
    },
    enabled: opened && texts.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
  const isWanted = batchTexts(text).length > 0;
  const batches = isWanted && texts.length > 0 ? (answer.data ?? []) : [];
  const unique = [...new Map(batches.map((batch) => [batch.id, batch])).values()].slice(0, MOST);
  const choiceOf = ({ id, fileName, client, project, status }: BatchSummary): Choice => ({
    id: `batch ${id}`,
    group: "Batches",
    label: fileName,
    hint: `#${id} · ${client}/${project} · ${BATCH_STATUS_WORDS[status]}`,
    icon: IconFile,
    go: () => navigate({ to: "/batches/$batchId", params: { batchId: String(id) } }),
  });
  return { batches: unique.map(choiceOf), isLooking: isWanted && (asked !== text || answer.isFetching) };
}
