// Which field names an entity's items, and what its literals look like. Pages are asked for by it: see pages.ts.

/** Standard entities whose key is not `DocEntry`, `AbsEntry` or `Code`: SAP's Service Layer API reference. */
const KEYS: Readonly<Record<string, string>> = {
  Activities: "ActivityCode",
  BinLocations: "AbsEntry",
  BusinessPartnerGroups: "Code",
  BusinessPartners: "CardCode",
  ChartOfAccounts: "Code",
  Contacts: "ContactCode",
  CustomerEquipmentCards: "EquipmentCardNum",
  EmployeesInfo: "EmployeeID",
  ItemGroups: "Number",
  Items: "ItemCode",
  JournalEntries: "JdtNum",
  Manufacturers: "Code",
  PaymentTermsTypes: "GroupNumber",
  PriceLists: "PriceListNo",
  ProfitCenters: "CenterCode",
  ProductTrees: "TreeCode",
  SalesPersons: "SalesEmployeeCode",
  ServiceCalls: "ServiceCallID",
  ShippingTypes: "Code",
  UnitOfMeasurementGroups: "AbsEntry",
  UnitOfMeasurements: "AbsEntry",
  VatGroups: "Code",
  Warehouses: "WarehouseCode",
};

/** A field that names items, one by one. */
export interface EntityKey {
  name: string;
  isNumber: boolean;
}

/**
 * The key of an entity, as far as it is known by its name or by the look of an item: marketing documents and user objects of
 * that kind have `DocEntry`, user tables (`U_…`) have `Code`.
 */
export function knownKey(resource: string, item: Readonly<Record<string, unknown>>): EntityKey | null {
  // A view (`view.svc/…`) may well have the lines of a document, each with its `DocEntry`.
  if (resource.includes("/")) return null;
  const name = KEYS[resource] ?? (resource.startsWith("U_") ? "Code" : "DocEntry" in item ? "DocEntry" : undefined);
  return name === undefined ? null : keyOf(name, item);
}

/** A field of an item as a key, if it can be one. */
export function keyOf(name: string, item: Readonly<Record<string, unknown>>): EntityKey | null {
  const value = item[name];
  if (typeof value === "number") return { name, isNumber: true };
  return typeof value === "string" && value !== "" ? { name, isNumber: false } : null;
}

/** A value as OData writes it, in both versions. */
export function literal(value: string, isNumber: boolean): string {
  return isNumber && /^-?\d+(\.\d+)?$/.test(value) ? value : `'${value.replaceAll("'", "''")}'`;
}
