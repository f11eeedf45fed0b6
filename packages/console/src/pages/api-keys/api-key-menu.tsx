import type { ApiKey, CreatedApiKey } from "@inlet/contracts";
import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconRefresh, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { Ask } from "../../parts/ask.tsx";
import { apiKeysQuery } from "./api-keys-query.ts";

/** What can be done with a key. */
export function ApiKeyMenu({ apiKey, onMade }: { apiKey: ApiKey; onMade: (key: CreatedApiKey) => void }) {
  const queryClient = useQueryClient();
  const [asked, setAsked] = useState<"rotate" | "revoke">();
  const act = async () => {
    if (asked === "rotate") onMade(await api.rotateApiKey(apiKey.id));
    if (asked === "revoke") await api.revokeApiKey(apiKey.id);
    await queryClient.invalidateQueries(apiKeysQuery);
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`What can be done with the key ${apiKey.name}`}>
            <IconDots size={17} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconRefresh size={16} aria-hidden />} onClick={() => setAsked("rotate")}>
            Rotate
          </Menu.Item>
          <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => setAsked("revoke")}>
            Revoke
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asked !== undefined && (
        <Ask
          opened
          onClose={() => setAsked(undefined)}
          title={asked === "rotate" ? "Rotate this key?" : "Revoke this key?"}
          verb={asked === "rotate" ? "Rotate" : "Revoke"}
          danger={asked === "revoke"}
          onYes={act}
        >
          <b>{apiKey.name}</b>.{" "}
          {asked === "rotate"
            ? "A new secret is made and shown once. The present one is taken for another 24 hours, so that nothing stops."
            : "It stops working at once, and for good."}
        </Ask>
      )}
    </>
  );
}
