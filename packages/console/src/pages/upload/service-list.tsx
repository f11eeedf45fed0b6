import { Badge, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useId, useState } from "react";
import classes from "./service-list.module.css";
import { findServices, type Service } from "./services.ts";

interface ServiceListProps {
  services: readonly Service[];
  chosen: string | undefined;
  onChoose: (key: string) => void;
}

/** So many can be looked over without a search. */
const MANY = 8;

/** The services, by project, one to be chosen. */
export function ServiceList({ services, chosen, onChoose }: ServiceListProps) {
  const [search, setSearch] = useState("");
  const name = useId();
  const found = findServices(services, search);
  const byProject = Map.groupBy(found, ({ client, project }) => `${client}/${project}`);
  return (
    <fieldset className={classes.list}>
      <legend className={classes.legend}>What is the file about?</legend>
      {services.length > MANY && (
        <TextInput
          type="search"
          aria-label="Search the services"
          placeholder="Search"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      {found.length === 0 && (
        <Text c="var(--quiet)" py="md">
          Nothing is called so. Try another word.
        </Text>
      )}
      {[...byProject].map(([project, ofProject]) => (
        <div key={project} className={classes.project}>
          <div className={classes.title}>{ofProject[0]?.projectTitle}</div>
          {ofProject.map((service) => (
            <label key={service.key} className={classes.service}>
              <input
                type="radio"
                name={name}
                value={service.key}
                checked={chosen === service.key}
                onChange={() => onChoose(service.key)}
              />
              <span>
                <span className={classes.name}>
                  {service.table}
                  {service.rehearsal && (
                    <Badge size="xs" variant="light" color="yellow">
                      Rehearsal
                    </Badge>
                  )}
                </span>
                {service.description !== null && <span className={classes.description}>{service.description}</span>}
                {service.files[0] !== undefined && <code className={classes.file}>{service.files[0]}</code>}
              </span>
            </label>
          ))}
        </div>
      ))}
    </fieldset>
  );
}
