import type { ReadyStoryboardView, StoryboardStanding } from "@inlet/contracts";
import { Breadcrumbs, Button, Group, SegmentedControl, Text, Title, UnstyledButton } from "@mantine/core";
import { IconPlayerPlayFilled } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api } from "../../../api/client.ts";
import { PageLink } from "../../../parts/links.tsx";
import { Failure, Waiting } from "../../../parts/states.tsx";
import type { ProjectPath } from "../../project/project-queries.ts";
import { Still } from "../preview/still.tsx";
import { usePlayer } from "../preview/use-player.ts";
import { assetsQuery, draftQuery, readyQuery, standingQuery } from "../storyboard-queries.ts";
import { blankDraft, nameColumnOf, type StageName } from "./new-parts.ts";
import { readyFilm } from "./ready-film.ts";
import classes from "./start-page.module.css";

interface StartPageProps {
  path: ProjectPath;
  projectTitle: string;
  standing: StoryboardStanding;
}

/** How a storyboard begins: with one of the ready ones, or with an empty stage. */
export function StartPage({ path, projectTitle, standing }: StartPageProps) {
  const { client, project } = path;
  const queryClient = useQueryClient();
  const ready = useQuery(readyQuery);
  const [stage, setStage] = useState<StageName>("landscape");
  const begin = useMutation({
    mutationFn: async (name: string | undefined) =>
      name === undefined
        ? await api.saveStoryboardDraft(client, project, {
            document: blankDraft(projectTitle, stage, nameColumnOf(standing.columns)),
            revision: 0,
          })
        : await api.beginFromReady(client, project, { name, revision: 0 }),
    onSuccess: async (draft) => {
      queryClient.setQueryData(draftQuery(path).queryKey, draft);
      await Promise.all([
        queryClient.invalidateQueries({ ...standingQuery(path), exact: true }),
        queryClient.invalidateQueries(assetsQuery(path)),
      ]);
    },
  });
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <Breadcrumbs fz="sm" separatorMargin={6}>
          <PageLink to="/projects">Projects</PageLink>
          <PageLink to="/projects/$client/$project" params={path}>
            {projectTitle}
          </PageLink>
          <span>Storyboard</span>
        </Breadcrumbs>
        <Title order={1} tabIndex={-1}>
          What shall your film be about?
        </Title>
        <Text c="var(--quiet)" maw={620}>
          A storyboard is one film that plays for each recipient with their own words. Begin with one of these and
          change whatever you like: nothing is shown to anybody before you publish it.
        </Text>
      </div>
      {ready.isPending && <Waiting lines={8} />}
      {ready.isError && <Failure error={ready.error} retry={() => void ready.refetch()} />}
      {begin.isError && <Failure error={begin.error} />}
      {ready.data !== undefined && (
        <ul className={classes.list}>
          {ready.data.map((each) => (
            <li key={each.name}>
              <Ready
                ready={each}
                missing={each.columns.filter((column) => standing.columns.every(({ name }) => name !== column))}
                isBusy={begin.isPending && begin.variables === each.name}
                isOff={begin.isPending}
                onChoose={() => begin.mutate(each.name)}
              />
            </li>
          ))}
        </ul>
      )}
      <div className={classes.blank}>
        <div>
          <Text fw={620}>Start with an empty stage</Text>
          <Text fz="sm" c="var(--quiet)">
            Three plain scenes: a greeting, words and a button.
          </Text>
        </div>
        <Group gap="sm">
          <SegmentedControl
            size="sm"
            aria-label="Shape"
            data={[
              { value: "landscape", label: "Landscape" },
              { value: "square", label: "Square" },
              { value: "portrait", label: "Portrait" },
            ]}
            value={stage}
            onChange={(value) => setStage(value as StageName)}
          />
          <Button
            variant="default"
            loading={begin.isPending && begin.variables === undefined}
            disabled={begin.isPending}
            onClick={() => begin.mutate(undefined)}
          >
            Start blank
          </Button>
        </Group>
      </div>
    </div>
  );
}

interface ReadyProps {
  ready: ReadyStoryboardView;
  missing: readonly string[];
  isBusy: boolean;
  isOff: boolean;
  onChoose: () => void;
}

function Ready({ ready, missing, isBusy, isOff, onChoose }: ReadyProps) {
  const [plays, setPlays] = useState(false);
  const made = useMemo(() => readyFilm(ready), [ready]);
  return (
    <article className={classes.ready} aria-label={ready.title}>
      <div className={classes.poster}>
        {made !== undefined &&
          (plays ? (
            <Playing {...made} />
          ) : (
            <>
              <Still {...made} label={`Poster of ${ready.title}`} />
              <UnstyledButton
                className={classes.play}
                aria-label={`Play ${ready.title}`}
                onClick={() => setPlays(true)}
              >
                <span>
                  <IconPlayerPlayFilled size={20} aria-hidden />
                </span>
              </UnstyledButton>
            </>
          ))}
      </div>
      <div className={classes.words}>
        <Title order={2}>{ready.title}</Title>
        <Text fz="sm" c="var(--quiet)">
          {ready.description}
        </Text>
        <Text fz="xs" c="var(--quiet)">
          {missing.length === 0
            ? "Your files have all that it shows."
            : `Your files lack ${missing.slice(0, 3).join(", ")}${missing.length > 3 ? ` and ${missing.length - 3} more` : ""}: you choose other columns, or leave them out.`}
        </Text>
        <Button loading={isBusy} disabled={isOff} onClick={onChoose} mt="auto">
          Begin with it
        </Button>
      </div>
    </article>
  );
}

function Playing({ film, assetUrl }: NonNullable<ReturnType<typeof readyFilm>>) {
  const { host } = usePlayer({ film, assetUrl, plays: true });
  return <div ref={host} className={classes.playing} style={{ aspectRatio: `${film.width} / ${film.height}` }} />;
}
