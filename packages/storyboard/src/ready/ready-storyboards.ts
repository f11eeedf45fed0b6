import type { StoryboardInput } from "@inlet/contracts";
import birthday from "../../ready/birthday/storyboard.json" with { type: "json" };
import orderOnItsWay from "../../ready/order-on-its-way/storyboard.json" with { type: "json" };
import renewal from "../../ready/renewal/storyboard.json" with { type: "json" };

/** A storyboard that ships with Inlet, to begin with. */
export interface ReadyStoryboard {
  /** Also of its folder, see `readyAssets`. */
  name: string;
  title: string;
  /** One line: what it is for. */
  description: string;
  document: StoryboardInput;
}

/** In the order in which they are offered. */
export const readyStoryboards: readonly ReadyStoryboard[] = [
  {
    name: "birthday",
    title: "Happy birthday",
    description:
      "Balloons, a cake and a present: a greeting by name, with a code to redeem and an extra scene for round birthdays.",
    document: birthday as unknown as StoryboardInput,
  },
  {
    name: "renewal",
    title: "Time to renew",
    description:
      "The day, the price and what stays: a calm look at a contract, with its own words for a lower and a higher price.",
    document: renewal as unknown as StoryboardInput,
  },
  {
    name: "order-on-its-way",
    title: "Your order is on its way",
    description:
      "Packed, on the road, at the door: a parcel's way with what is inside, for deliveries and for pickups.",
    document: orderOnItsWay as unknown as StoryboardInput,
  },
];
