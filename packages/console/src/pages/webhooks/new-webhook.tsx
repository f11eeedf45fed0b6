import type { CreatedWebhook, WebhookEventType } from "@inlet/contracts";
import { Button, Checkbox, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../api/client.ts";
import { fieldErrorsOf } from "../../api/failure.ts";
import { projectsQuery } from "../../api/projects.ts";
import { Failure } from "../../parts/states.tsx";
import { EVENT_WORDS } from "./event-words.ts";
import { webhooksQuery } from "./webhook-query.ts";

interface NewWebhookProps {
  client: string;
  opened: boolean;
  onClose: () => void;
  onMade: (webhook: CreatedWebhook) => void;
}

/** What most receivers want to know. */
const USUAL: readonly WebhookEventType[] = ["batch.completed", "batch.partial", "batch.rejected", "batch.failed"];

/** Adds an address that is told of a client's events. */
export function NewWebhook({ opened, onClose, ...form }: NewWebhookProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Add a webhook of ${form.client}`}>
      <NewWebhookForm {...form} />
    </Modal>
  );
}

function NewWebhookForm({ client, onMade }: Pick<NewWebhookProps, "client" | "onMade">) {
  const queryClient = useQueryClient();
  const projects = useQuery(projectsQuery);
  const [url, setUrl] = useState("");
  const [description, setDescription] = useState("");
  const [project, setProject] = useState<string | null>(null);
  const [events, setEvents] = useState<string[]>([...USUAL]);
  const add = useMutation({
    mutationFn: () =>
      api.addWebhook(client, {
        url,
        description,
        events: events as WebhookEventType[],
        ...(project !== null && { project }),
      }),
    onSuccess: async (made) => {
      await queryClient.invalidateQueries(webhooksQuery(client));
      onMade(made);
    },
  });
  const wrong = fieldErrorsOf(add.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label="Address"
          placeholder="https://example.com/inlet"
          type="url"
          required
          data-autofocus
          value={url}
          error={wrong.url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <TextInput
          label="What it is for"
          maxLength={200}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Select
          label="Project"
          placeholder="All projects"
          data={(projects.data ?? []).filter((each) => each.client === client).map((each) => each.project)}
          value={project}
          onChange={setProject}
          clearable
        />
        <Checkbox.Group label="It is told when" value={events} onChange={setEvents} error={wrong.events}>
          <Stack gap={8} mt="xs">
            {Object.entries(EVENT_WORDS).map(([event, words]) => (
              <Checkbox key={event} value={event} label={words} description={event} />
            ))}
          </Stack>
        </Checkbox.Group>
        {add.isError && <Failure error={add.error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={add.isPending} disabled={events.length === 0}>
            Add
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
