import { Button, Group } from "@mantine/core";

interface ShowOlderProps {
  /** A list that comes in pages. */
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };
}

/** The foot of a list that is newest first: its next page, as long as there is one. */
export function ShowOlder({ list }: ShowOlderProps) {
  if (!list.hasNextPage) return null;
  return (
    <Group justify="center" p="sm">
      <Button variant="subtle" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        Show older ones
      </Button>
    </Group>
  );
}
