import { Alert, Button, Checkbox, Group, SimpleGrid, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { projectsQuery } from "../../api/projects.ts";
import { PageLink } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import { Section } from "../../parts/section.tsx";
import { Failure } from "../../parts/states.tsx";
import { HandOver } from "./hand-over.tsx";
import type { HandedOver } from "./hand-over-text.ts";
import { LoginSection } from "./login-section.tsx";
import { accountOf, missingIn, newPlan, type Plan, profileOf, slugOf } from "./plan.ts";
import { ScheduleSection } from "./schedule-section.tsx";
import { TablesSection } from "./tables-section.tsx";

const route = getRouteApi("/signed-in/set-up");
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Setting up a client's project: what its people tell goes in, what they need to know comes out. */
export function SetUpPage() {
  const { client = "" } = route.useSearch();
  const queryClient = useQueryClient();
  const [plan, setPlan] = useState<Plan>(() => newPlan(client, ownZone));
  const [made, setMade] = useState<HandedOver>();
  const change = (part: Partial<Plan>) => setPlan((before) => ({ ...before, ...part }));
  const missing = missingIn(plan);

  const setUp = useMutation({
    mutationFn: async (): Promise<HandedOver> => {
      const profile = profileOf(plan);
      // Set up half, it is gone on with: the profile is the same then, and applying it again changes nothing.
      const applied = await api.applyProfile(profile);
      const account = accountOf(plan);
      const login = account && (await api.addAccount(account));
      const connection = await api.connection();
      return { plan, applied, login, connection };
    },
    onSuccess: async (handedOver) => {
      setMade(handedOver);
      await queryClient.invalidateQueries(projectsQuery);
    },
  });

  if (made !== undefined) return <HandOver of={made} />;
  return (
    <Page
      title="Set up a project"
      crumbs={[
        <PageLink key="projects" to="/projects">
          Projects
        </PageLink>,
      ]}
      lead="What the client's people tell you goes in here; what they need to know comes out as a page to hand over."
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (missing.length === 0) setUp.mutate();
        }}
      >
        <Stack gap="lg" maw={960}>
          <Section title="1. Who">
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <TextInput
                label="Client"
                description="Its domain name: what it is called in folders and addresses."
                placeholder="spring"
                required
                value={plan.client}
                onChange={(event) => change({ client: event.currentTarget.value.toLowerCase() })}
                onBlur={() => {
                  const name = slugOf(plan.client);
                  change({ client: name, login: { ...plan.login, username: plan.login.username || name } });
                }}
              />
              <TextInput
                label="Project"
                description="What the files are for; its folder is called so."
                placeholder="retail"
                required
                value={plan.project}
                onChange={(event) => change({ project: event.currentTarget.value.toLowerCase() })}
                onBlur={() => change({ project: slugOf(plan.project) })}
              />
              <TextInput
                label="Title"
                description="For people, in e-mails and lists. May be empty."
                maxLength={100}
                value={plan.title}
                onChange={(event) => change({ title: event.currentTarget.value })}
              />
              <Checkbox
                mt={{ sm: 34 }}
                label="Every row gets a personal link"
                description="A result file with the links goes back to the client."
                checked={plan.links}
                onChange={(event) => change({ links: event.currentTarget.checked })}
              />
            </SimpleGrid>
          </Section>
          <TablesSection tables={plan.tables} onChange={(tables) => change({ tables })} />
          <ScheduleSection schedule={plan.schedule} onChange={(schedule) => change({ schedule })} />
          <Section title="4. Whom to tell">
            <TagsInput
              label="E-mail addresses"
              description="They get one e-mail per run: each table with its status. Enter after each address."
              placeholder="data@spring.example"
              value={[...plan.recipients]}
              onChange={(recipients) => change({ recipients })}
              splitChars={[",", ";", " "]}
              clearable
            />
          </Section>
          <LoginSection login={plan.login} onChange={(login) => change({ login })} />
          {setUp.isError && <Failure error={setUp.error} />}
          {missing.length > 0 && (
            <Alert color="gray" variant="light">
              Still missing: {missing.join("; ")}.
            </Alert>
          )}
          <Group justify="space-between">
            <Text fz="sm" c="var(--quiet)">
              The project begins with a rehearsal: nothing reaches its tables before you let it go live.
            </Text>
            <Button type="submit" size="md" loading={setUp.isPending} disabled={missing.length > 0}>
              Set it up
            </Button>
          </Group>
        </Stack>
      </form>
    </Page>
  );
}
