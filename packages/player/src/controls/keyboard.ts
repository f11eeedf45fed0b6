/** What a key does in the player: nothing where the thing in focus has a use for it itself. */
export interface KeyActs {
  toggle: () => void;
  seekBy: (ms: number) => void;
  seekToShare: (share: number) => void;
  mute: () => void;
  captions: () => void;
  fill: () => void;
}

const STEP_MS = 5_000;
const PAGE_MS = 10_000;

/** Whether the key did something. */
export function pressKey(event: KeyboardEvent, acts: KeyActs): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
  const target = event.target as HTMLElement;
  const { key } = event;
  if ((key === " " || key === "Enter") && target.closest("button, a")) return false;
  if (target instanceof HTMLInputElement && /^(Arrow|Home|End|Page)/.test(key)) return false;
  if (/^[0-9]$/.test(key)) acts.seekToShare(Number(key) / 10);
  else {
    const act = actOf(key.length === 1 ? key.toLowerCase() : key, acts);
    if (act === undefined) return false;
    act();
  }
  return true;
}

function actOf(key: string, acts: KeyActs): (() => void) | undefined {
  switch (key) {
    case " ":
    case "k":
      return acts.toggle;
    case "ArrowLeft":
      return () => acts.seekBy(-STEP_MS);
    case "ArrowRight":
      return () => acts.seekBy(STEP_MS);
    case "PageDown":
      return () => acts.seekBy(-PAGE_MS);
    case "PageUp":
      return () => acts.seekBy(PAGE_MS);
    case "Home":
      return () => acts.seekToShare(0);
    case "End":
      return () => acts.seekToShare(1);
    case "m":
      return acts.mute;
    case "c":
      return acts.captions;
    case "f":
      return acts.fill;
    default:
      return undefined;
  }
}
