import { ActionIcon, Button, Checkbox, Group, Menu, Modal, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBookmark, IconBookmarkPlus, IconTrash } from "@tabler/icons-react";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/session.ts";
import { Failure } from "../../parts/states.tsx";
import { type Filters, filtersText, isFiltered, readFilters } from "./filters.ts";

const viewsQuery = queryOptions({ queryKey: ["views"], queryFn: () => api.views(), staleTime: 60_000 });

interface SavedViewsProps {
  filters: Filters;
  onOpen: (filters: Filters) => void;
  /** It was reached for before it was here. */
  begins?: { opens: boolean } | undefined;
}

/** Filters under a name, to be opened again: one's own, and those that others share. */
export function SavedViews({ filters, onOpen, begins }: SavedViewsProps) {
  const queryClient = useQueryClient();
  const views = useQuery(viewsQuery);
  const [saving, { open, close }] = useDisclosure();
  const remove = useMutation({
    mutationFn: (id: number) => api.deleteView(id),
    onSettled: () => queryClient.invalidateQueries(viewsQuery),
  });
  const saved = views.data ?? [];
  return (
    <>
      <Menu position="bottom-end" width={280} defaultOpened={begins?.opens ?? false}>
        <Menu.Target>
          <Button
            variant="default"
            autoFocus={begins !== undefined}
            leftSection={<IconBookmark size={16} aria-hidden />}
          >
            Views
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {saved.length === 0 && <Menu.Label>No saved views yet</Menu.Label>}
          {saved.map((view) => (
            <Group key={view.id} gap={0} wrap="nowrap">
              <Menu.Item
                onClick={() => onOpen(readFilters(Object.fromEntries(new URLSearchParams(view.filters))))}
                rightSection={view.own ? undefined : view.owner}
              >
                {view.name}
              </Menu.Item>
              {view.own && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`Delete the view ${view.name}`}
                  onClick={() => remove.mutate(view.id)}
                >
                  <IconTrash size={15} aria-hidden />
                </ActionIcon>
              )}
            </Group>
          ))}
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconBookmarkPlus size={16} aria-hidden />}
            disabled={!isFiltered(filters)}
            onClick={open}
          >
            Save these filters
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <SaveView opened={saving} onClose={close} filters={filters} />
    </>
  );
}

function SaveView({ opened, onClose, filters }: { opened: boolean; onClose: () => void; filters: Filters }) {
  const may = useMay();
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const save = useMutation({
    mutationFn: () => api.saveView({ name, filters: filtersText(filters), shared }),
    onSuccess: async () => {
      await queryClient.invalidateQueries(viewsQuery);
      setName("");
      setShared(false);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Modal opened={opened} onClose={onClose} title="Save these filters">
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="Name"
            required
            maxLength={80}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {may("operate") && (
            <Checkbox
              label="Share it with everybody who sees the same clients"
              checked={shared}
              onChange={(event) => setShared(event.currentTarget.checked)}
            />
          )}
          {save.isError && <Failure error={save.error} />}
          <Group justify="flex-end">
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
