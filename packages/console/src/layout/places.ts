import type { AccessWord } from "@inlet/contracts";
import {
  IconActivity,
  IconArrowsExchange,
  IconCalendarTime,
  IconFolders,
  IconHeartRateMonitor,
  IconHistory,
  IconKey,
  IconTable,
  IconUpload,
  IconUsers,
  IconWebhook,
  type TablerIcon,
} from "@tabler/icons-react";
import type { LinkProps } from "@tanstack/react-router";

/** One entry of the navigation: who may not do what the page is for does not see it. */
export interface Place {
  to: NonNullable<LinkProps["to"]>;
  label: string;
  icon: TablerIcon;
  access: AccessWord;
}

/** The navigation, from what people do daily to what they set up once. */
export const GROUPS: readonly { name?: string; places: readonly Place[] }[] = [
  {
    places: [
      { to: "/upload", label: "Upload", icon: IconUpload, access: "send" },
      { to: "/activity", label: "Activity", icon: IconActivity, access: "read" },
      { to: "/runs", label: "Runs", icon: IconCalendarTime, access: "read" },
      { to: "/tables", label: "Tables", icon: IconTable, access: "files" },
      { to: "/catalogs", label: "Catalog sync", icon: IconArrowsExchange, access: "read" },
    ],
  },
  {
    name: "Set-up",
    places: [
      { to: "/projects", label: "Projects", icon: IconFolders, access: "read" },
      { to: "/webhooks", label: "Webhooks", icon: IconWebhook, access: "read" },
    ],
  },
  {
    name: "Administration",
    places: [
      { to: "/operations", label: "Operations", icon: IconHeartRateMonitor, access: "oversee" },
      { to: "/audit", label: "Audit", icon: IconHistory, access: "oversee" },
      { to: "/users", label: "Users", icon: IconUsers, access: "administer" },
      { to: "/api-keys", label: "API keys", icon: IconKey, access: "administer" },
    ],
  },
];
