/** The last part of a name that a container gives, without control characters: for people, and never a path. */
export function baseName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  const clean = last.replace(/\p{Cc}|\p{Cf}/gu, "").slice(0, 255);
  return clean === "" || clean === "." || clean === ".." ? "unnamed" : clean;
}
