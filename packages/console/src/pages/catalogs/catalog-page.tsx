import { figure } from "@inlet/contracts/figures";
import { Button, Group, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "../../api/session.ts";
import { Facts } from "../../parts/facts.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import { Section } from "../../parts/section.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { conflictText } from "./conflict-text.ts";
import { ItemDrawer } from "./item-drawer.tsx";
import { ItemList } from "./item-list.tsx";
import { catalogsQuery } from "./item-query.ts";
import { SubscriptionList } from "./subscription-list.tsx";
import { subscriptionsQuery } from "./subscription-query.ts";

const route = getRouteApi("/signed-in/catalogs/$client/$project/$table");

/** One catalog: the systems that it is kept in step with, its items, and what became of each. */
export function CatalogPage() {
  const catalog = route.useParams();
  const { key } = route.useSearch();
  const { client, project, table } = catalog;
  const navigate = useNavigate();
  const may = useMay();
  const catalogs = useQuery(catalogsQuery(catalog));
  const subscriptions = useQuery(subscriptionsQuery(client));
  const [asked, setAsked] = useState("");
  const facts = catalogs.data?.find((each) => each.table === table);
  const systems = subscriptions.data?.filter((each) => each.project === project && each.catalog === table);
  const open = (next: string | undefined) =>
    void navigate({
      to: "/catalogs/$client/$project/$table",
      params: catalog,
      search: next === undefined ? {} : { key: next },
      replace: true,
    });
  return (
    <Page
      title={table}
      crumbs={[
        <PageLink key="catalogs" to="/catalogs" search={{ client }}>
          Catalog sync of {client}
        </PageLink>,
        <PageLink key="project" to="/projects/$client/$project" params={{ client, project }}>
          {project}
        </PageLink>,
      ]}
      lead={facts?.description ?? "The items as they are now, whoever changed them last, and the history of each."}
    >
      {catalogs.isPending && <Waiting lines={4} />}
      {catalogs.isError && <Failure error={catalogs.error} retry={() => void catalogs.refetch()} />}
      {catalogs.isSuccess && facts === undefined && (
        <Nothing title={`${table} is no catalog`}>
          The project's profile does not name it under <code>catalogs</code>, or no more.
        </Nothing>
      )}
      {facts !== undefined && (
        <Facts
          of={[
            [
              "Items",
              facts.items === null ? "None yet" : `${facts.items.exact ? "" : "about "}${figure(facts.items.count)}`,
            ],
            ["Key", facts.key.join(", ")],
            ["Last change", facts.lastChangeAt === null ? "None yet" : <When key="change" at={facts.lastChangeAt} />],
            ["When two sides differ", conflictText(facts.conflicts)],
            ["History", `${facts.historyDays} days`],
          ]}
        />
      )}
      {facts !== undefined && systems !== undefined && (
        <Section title="Kept in step with" flush>
          {systems.length === 0 ? (
            <Nothing title="No other system">
              Name those that get its changes, or send theirs, under <code>catalogs</code> in the project's profile.
            </Nothing>
          ) : (
            <SubscriptionList
              caption={`Systems that ${table} is kept in step with`}
              subscriptions={systems}
              ofOneCatalog
            />
          )}
        </Section>
      )}
      {facts !== undefined && may("files") && (
        <Section
          title="Items"
          flush
          actions={
            <form
              onSubmit={(event) => {
                event.preventDefault();
                if (asked.trim() !== "") open(asked.trim());
              }}
            >
              <Group gap="xs" wrap="nowrap">
                <TextInput
                  size="xs"
                  aria-label="Key of an item, also of one that was removed"
                  placeholder="Key, also of a removed one"
                  value={asked}
                  maxLength={2000}
                  onChange={(event) => setAsked(event.currentTarget.value)}
                />
                <Button size="xs" type="submit" variant="default">
                  History
                </Button>
              </Group>
            </form>
          }
        >
          {facts.state === "pending" ? (
            <Nothing title="No items yet">
              The table is made with its first file or its first write through the API.
            </Nothing>
          ) : (
            <ItemList catalog={catalog} keyColumns={facts.key} onOpen={open} />
          )}
        </Section>
      )}
      {key !== undefined && may("files") && (
        <ItemDrawer catalog={catalog} itemKey={key} onClose={() => open(undefined)} />
      )}
    </Page>
  );
}
