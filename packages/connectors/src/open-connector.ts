import { Misconfigured, type System } from "@inlet/contracts";
import type { ConnectedSystem, Connector, ConnectorParts } from "./connector.ts";
import { intactIq } from "./intact-iq/intact-iq.ts";
import { rest } from "./rest/rest.ts";
import { sapBusinessOne } from "./sap-business-one/sap-business-one.ts";

/** Every connector there is, by its name in profiles. */
const CONNECTORS: { [Name in System["connector"]]: Connector<Name> } = {
  sap_business_one: sapBusinessOne,
  intact_iq: intactIq,
  rest,
};

/**
 * The connector that speaks with a system.
 * @throws Misconfigured `connector_unknown`
 */
export function connectorOf(system: System): Connector {
  const connector = CONNECTORS[system.connector];
  if (connector !== undefined) return connector as unknown as Connector;
  throw new Misconfigured({
    code: "connector_unknown",
    message: `This installation has no connector ${system.connector}. Is every puller of the same version?`,
  });
}

/** Opens a system by the connector that it names: see {@link Connector.open}. */
export const openConnector = (system: System, parts: ConnectorParts): ConnectedSystem =>
  connectorOf(system).open(system, parts);
