import type { SubscriptionDetail } from "@inlet/contracts";
import { count, figure } from "@inlet/contracts/figures";
import { Facts } from "../../parts/facts.tsx";
import { Section } from "../../parts/section.tsx";
import { When } from "../../parts/when.tsx";

/** What comes from the other system. */
export function Incoming({ incoming }: { incoming: NonNullable<SubscriptionDetail["incoming"]> }) {
  const { changed, unchanged, refused, waiting, lastItemAt, lastPollAt, nextPollAt, error, turnedAway } = incoming;
  return (
    <Section title="What comes from it">
      <Facts
        of={[
          [
            "Items",
            `${figure(changed)} changed something here, ${figure(unchanged)} did not, ${figure(refused)} refused`,
          ],
          ["Last item", lastItemAt === null ? "None yet" : <When key="item" at={lastItemAt} />],
          ["Waiting", waiting === 0 ? undefined : count(waiting, "event")],
          [
            "Asked",
            lastPollAt === null ? undefined : (
              <span key="poll">
                <When at={lastPollAt} />
                {nextPollAt !== null && (
                  <>
                    , next <When at={nextPollAt} />
                  </>
                )}
              </span>
            ),
          ],
          [
            "Last problem",
            error === null ? undefined : (
              <span key="error">
                {error.message} (<When at={error.at} />)
              </span>
            ),
          ],
          [
            "Not let in",
            turnedAway.count === 0 || turnedAway.lastAt === null ? undefined : (
              <span key="turned">
                {count(turnedAway.count, "request")}, last <When at={turnedAway.lastAt} />: {turnedAway.reason}
              </span>
            ),
          ],
        ]}
      />
    </Section>
  );
}
