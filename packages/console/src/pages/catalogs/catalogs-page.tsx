import { IconArrowsExchange } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useSession } from "../../api/session.ts";
import { ClientSelect } from "../../parts/client-select.tsx";
import { Page } from "../../parts/page.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { SubscriptionList } from "./subscription-list.tsx";
import { subscriptionsQuery } from "./subscription-query.ts";

const route = getRouteApi("/signed-in/catalogs");
/** Every outside system that a catalog is kept in step with, and how it fares. */
export function CatalogsPage() {
  const { client } = route.useSearch();
  const session = useSession();
  const navigate = useNavigate();
  const subscriptions = useQuery(subscriptionsQuery(client));
  return (
    <Page
      title="Catalog sync"
      lead="Tables that are kept in step with other systems: how far each system is, and what it did not take."
    >
      {session.client === null && (
        <div style={{ maxWidth: 280 }}>
          <ClientSelect
            value={client ?? null}
            onChange={(chosen) =>
              void navigate({ to: "/catalogs", search: chosen ? { client: chosen } : {}, replace: true })
            }
          />
        </div>
      )}
      {subscriptions.isPending && <Waiting />}
      {subscriptions.isError && <Failure error={subscriptions.error} retry={() => void subscriptions.refetch()} />}
      {subscriptions.data?.length === 0 && (
        <Nothing icon={<IconArrowsExchange size={22} />} title="No table is kept in step with another system yet">
          Name the table under <code>catalogs</code> in a project's profile, with the systems that get its changes or
          send theirs.
        </Nothing>
      )}
      {subscriptions.data !== undefined && subscriptions.data.length > 0 && (
        <SubscriptionList caption="Systems that catalogs are kept in step with" subscriptions={subscriptions.data} />
      )}
    </Page>
  );
}
