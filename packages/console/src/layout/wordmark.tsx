import { Link } from "@tanstack/react-router";
import classes from "./wordmark.module.css";

/** Inlet's mark and name; it leads to the start. */
export function Wordmark() {
  return (
    <Link to="/" className={classes.wordmark}>
      <img src="/mark.svg" alt="" width={24} height={24} />
      <span>Inlet</span>
    </Link>
  );
}
