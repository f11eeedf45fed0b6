import { type BatchStatus, isEnded, type StepKind, type StepState } from "@inlet/contracts";
import { count, number, type Paint, pad, plain, size, squeeze, width } from "./paint.ts";

/** Where one file is on its way. */
export interface Track {
  client: string;
  title: string;
  fileName: string;
  sizeBytes: number;
  /** From 0 to 1; 1 when the server has confirmed the file. */
  uploaded: number;
  /** The stages that the project's batches go through. */
  plan: readonly StepKind[];
  /** As far as they are known. */
  stages: Partial<Record<StepKind, StepState>>;
  status: BatchStatus | undefined;
  /** How often the stage under way has been tried; more than once, something is away or wrong. */
  attempts: number;
  records: number | null;
  rejected: number | null;
  imported: number | null;
  links: number | null;
  issueCount: number;
}

/** How the board is drawn; `frame` moves the spinners. No line exceeds `columns`. */
export interface Canvas {
  paint: Paint;
  columns: number;
  frame: number;
}

const LABELS = {
  upload: "upload",
  validate: "check",
  personalise: "links",
  import: "import",
  deliver: "delivery",
} as const;
type Point = keyof typeof LABELS;
const POINTS = Object.keys(LABELS) as Point[];

const SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const GAP = 2;
const INDENT = 4;
const LONGEST_NAME = 48;
/** Below this a file has two lines: its name, and its way. */
const GRID_COLUMNS = 112;
const OUTCOME_CELLS = 26;

/** Draws all files with their stages, under their projects. Pure. */
export function drawBoard(tracks: readonly Track[], canvas: Canvas): string[] {
  return [...Map.groupBy(tracks, ({ client, title }) => JSON.stringify([client, title])).values()].flatMap(
    (own, index) => [...(index > 0 ? [""] : []), ...drawProject(own, tracks, canvas)],
  );
}

function drawProject(own: readonly Track[], all: readonly Track[], canvas: Canvas): string[] {
  const { paint, columns } = canvas;
  const { client, title } = own[0]!;
  const shownTitle = squeeze(plain(title), Math.max(8, Math.min(LONGEST_NAME, columns - INDENT - client.length - 3)));
  const heading = `  ${paint("bold", shownTitle)} ${paint("dim", `(${client})`)}`;
  if (columns < GRID_COLUMNS) return [heading, ...own.flatMap((track) => stacked(track, canvas))];
  const names = all.map(({ fileName }) => width(plain(fileName)));
  const labelCells = POINTS.reduce((sum, point) => sum + GAP + LABELS[point].length, 0);
  const nameCells = Math.min(columns - INDENT - labelCells - GAP - OUTCOME_CELLS, LONGEST_NAME, Math.max(30, ...names));
  const labels = POINTS.map((point) => " ".repeat(GAP) + LABELS[point]).join("");
  const used = 2 + width(shownTitle) + client.length + 3;
  const head =
    used <= INDENT + nameCells
      ? [`${heading}${" ".repeat(INDENT + nameCells - used)}${paint("dim", labels)}`]
      : [heading, `${" ".repeat(INDENT + nameCells)}${paint("dim", labels)}`];
  const room = columns - INDENT - nameCells - labelCells - GAP;
  return [
    ...head,
    ...own.map((track) => {
      const name = pad(squeeze(plain(track.fileName), nameCells), nameCells);
      const cells = POINTS.map((point) => gridCell(track, point, canvas)).join("");
      return `${" ".repeat(INDENT)}${name}${cells}  ${outcome(track, paint, room)}`.trimEnd();
    }),
  ];
}

function stacked(track: Track, canvas: Canvas): string[] {
  const { paint, columns } = canvas;
  const indent = " ".repeat(INDENT);
  const outcomeCells = Math.min(OUTCOME_CELLS + 8, Math.floor(columns / 2));
  const nameCells = Math.max(8, columns - INDENT - GAP - outcomeCells);
  const name = squeeze(plain(track.fileName), nameCells);
  const room = columns - INDENT - GAP - width(name);
  const way = POINTS.flatMap((point) => {
    const sign = signOf(track, point, canvas);
    if (sign === " ") return [];
    return columns < 60 ? [sign] : [`${sign} ${paint("dim", LABELS[point])}`];
  });
  return [`${indent}${name}  ${outcome(track, paint, room)}`.trimEnd(), `${indent}  ${way.join("  ")}`];
}

/** A sign in the middle under its label. */
function gridCell(track: Track, point: Point, canvas: Canvas): string {
  const label = LABELS[point];
  const sign = signOf(track, point, canvas);
  const before = GAP + Math.floor((label.length - 1) / 2);
  return `${" ".repeat(before)}${sign}${" ".repeat(label.length + GAP - before - 1)}`;
}

function signOf(track: Track, point: Point, { paint, frame }: Canvas): string {
  const spinner = () => paint("cyan", SPINNER[frame % SPINNER.length] ?? "·");
  if (point === "upload") {
    if (track.uploaded >= 1 || track.status !== undefined) return paint("green", "✔");
    return track.uploaded > 0 ? spinner() : paint("dim", "·");
  }
  if (!track.plan.includes(point)) return " ";
  switch (track.stages[point]) {
    case "done":
      // A check that rejects its file has done its work, and is where the file ends.
      return endsHere(track, point) ? paint("red", "✖") : paint("green", "✔");
    case "failed":
    case "cancelled":
      return paint("red", "✖");
    case "running":
      return spinner();
    case "ready":
    case "waiting":
      return paint("cyan", "·");
    default:
      return paint("dim", "·");
  }
}

function endsHere({ status, plan, stages }: Track, kind: StepKind): boolean {
  if (status !== "rejected" && status !== "failed" && status !== "superseded") return false;
  const next = plan[plan.indexOf(kind) + 1];
  return next !== undefined && (stages[next] === undefined || stages[next] === "cancelled");
}

/** What a status is called beside a file, and how it looks. */
export function statusWord(status: BatchStatus, paint: Paint): string {
  switch (status) {
    case "completed":
      return paint(["bold", "green"], status);
    case "partial":
      return paint(["bold", "yellow"], status);
    case "rejected":
    case "failed":
      return paint(["bold", "red"], status);
    default:
      return paint("dim", status);
  }
}

/** What is known so far, in a few words that fit. */
function outcome(track: Track, paint: Paint, room: number): string {
  const { status } = track;
  const words = outcomeWords(track);
  if (status === undefined) return paint("dim", squeeze(words, room));
  if (!isEnded(status)) return paint("dim", squeeze(words, room));
  const left = room - status.length - GAP;
  return statusWord(status, paint) + (words !== "" && left >= 10 ? `  ${squeeze(words, left, 0)}` : "");
}

/** The same words for a line of their own, where there is no terminal to draw on. */
export function outcomeWords({
  status,
  attempts,
  sizeBytes,
  uploaded,
  records,
  rejected,
  imported,
  links,
  issueCount,
}: Track): string {
  if (status === undefined) {
    // Small files are there at once; a large one is worth a figure.
    return uploaded > 0 && uploaded < 1 && sizeBytes >= 1_000_000
      ? `${Math.floor(uploaded * 100)} % of ${size(sizeBytes)}`
      : size(sizeBytes);
  }
  if (!isEnded(status) && attempts > 1) return `trying again (${attempts})`;
  if (!isEnded(status)) return records === null ? size(sizeBytes) : count(records, "record");
  if (imported !== null && imported > 0) {
    const parts = [`${number(imported)} imported`];
    if (links !== null) parts.push(count(links, "link"));
    if (rejected) parts.push(`${number(rejected)} left out`);
    return parts.join(", ");
  }
  return issueCount > 0 ? count(issueCount, "finding") : "";
}
