import type { BatchResults } from "@inlet/contracts";
import { count, figure } from "@inlet/contracts/figures";
import { Facts } from "../../parts/facts.tsx";

/** What is known beside the funnel: buttons, the picture in e-mails, films, and who was no person. */
export function Others({ happened, buttons }: Pick<BatchResults, "happened" | "buttons">) {
  const times = (kinds: readonly string[], visitors: readonly string[]) =>
    happened
      .filter(({ kind, visitor }) => kinds.includes(kind) && visitors.includes(visitor))
      .reduce((sum, each) => sum + each.times, 0);
  const automatic = times(["page", "thumbnail", "video"], ["prefetch", "scanner"]);
  return (
    <Facts
      of={[
        ...buttons.map(({ name, people, times: pressed }): [string, string] => [
          name === "page" ? "The page's button" : `Button “${name}”`,
          `${count(people, "recipient")}, ${count(pressed, "time")}`,
        ]),
        [
          "Picture fetched",
          `${figure(times(["thumbnail"], ["person", "prefetch"]))} times, by mail programs and their proxies`,
        ],
        ["Film downloaded", count(times(["video"], ["person"]), "time")],
        ["Not counted above", `${count(automatic, "request")} of mail proxies, previews and link checkers`],
      ]}
    />
  );
}
