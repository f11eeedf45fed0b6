import { useMay } from "../api/session.ts";
import { NavPageLink } from "../parts/links.tsx";
import classes from "./navigation.module.css";
import { GROUPS } from "./places.ts";

/** The pages that whoever is signed in may see. */
export function Navigation() {
  const may = useMay();
  return (
    <nav aria-label="Main" className={classes.navigation}>
      {GROUPS.map(({ name, places }) => {
        const open = places.filter(({ access }) => may(access));
        if (open.length === 0) return null;
        return (
          <div key={name ?? "first"} className={classes.group}>
            {name !== undefined && <div className={classes.name}>{name}</div>}
            {open.map(({ to, label, icon: Icon }) => (
              <NavPageLink
                key={to}
                to={to}
                label={label}
                leftSection={<Icon size={17} stroke={1.7} aria-hidden />}
                className={classes.place ?? ""}
              />
            ))}
          </div>
        );
      })}
    </nav>
  );
}
