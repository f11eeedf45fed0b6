import { IconMapPinOff } from "@tabler/icons-react";
import { ButtonLink } from "../parts/links.tsx";
import { Nothing } from "../parts/states.tsx";

/** An address that leads nowhere. */
export function Lost() {
  return (
    <Nothing
      icon={<IconMapPinOff size={22} />}
      title="There is no such page"
      action={<ButtonLink to="/">Go to the start</ButtonLink>}
    >
      The address may be mistyped, or what it showed is not there any more.
    </Nothing>
  );
}
