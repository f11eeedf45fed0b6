import "@mantine/notifications/styles.layer.css";
import { Notifications } from "@mantine/notifications";

/** Where notices are shown. */
export function Notices() {
  return <Notifications position="bottom-right" autoClose={6000} />;
}
