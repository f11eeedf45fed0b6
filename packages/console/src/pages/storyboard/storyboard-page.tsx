import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useMay, useSession } from "../../api/session.ts";
import { PageLink } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import { Nothing } from "../../parts/states.tsx";
import { type ProjectPath, profileQuery } from "../project/project-queries.ts";
import { EditorFrame } from "./editor-frame.tsx";
import { StartPage } from "./start/start-page.tsx";
import { keptEditsKey, readKeptEdits } from "./state/kept-edits.ts";
import { isDraft } from "./state/read-draft.ts";
import { draftQuery, standingQuery } from "./storyboard-queries.ts";

const route = getRouteApi("/signed-in/projects/$client/$project/storyboard");

/** A project's storyboard: to begin one, to edit it, or only to look at it. */
export function StoryboardPage() {
  const path = route.useParams();
  // What is kept and what was taken are of one project.
  return <OfProject key={`${path.client}/${path.project}`} path={path} />;
}

function OfProject({ path }: { path: ProjectPath }) {
  const standing = useSuspenseQuery(standingQuery(path)).data;
  const saved = useSuspenseQuery(draftQuery(path)).data;
  const { profile } = useSuspenseQuery(profileQuery(path)).data;
  const may = useMay();
  const { user } = useSession();
  const isReadOnly = !may("configure");
  const title = profile.title ?? path.project;
  // Whose storyboard is taken instead of one's own is edited from its begin.
  const [round, setRound] = useState(0);
  const [kept] = useState(() => readKeptEdits(keptEditsKey(user.id, path.client, path.project)));
  useEffect(() => {
    document.title = `Storyboard of ${title} – Inlet`;
  }, [title]);
  if (!isDraft(saved.document)) {
    if (!isReadOnly && saved.document === null)
      return <StartPage path={path} projectTitle={title} standing={standing} />;
    return (
      <Page
        title="Storyboard"
        crumbs={[
          <PageLink key="project" to="/projects/$client/$project" params={path}>
            {title}
          </PageLink>,
        ]}
      >
        <Nothing title={saved.document === null ? "No storyboard yet" : "This draft cannot be shown"}>
          {saved.document === null
            ? "Nobody has made one. Links of this project show its simple page."
            : "It is no storyboard in form. Whoever saved it with the command line can mend it there."}
        </Nothing>
      </Page>
    );
  }
  return (
    <EditorFrame
      key={round}
      path={path}
      projectTitle={title}
      standing={standing}
      saved={saved.document}
      revision={saved.revision}
      kept={isReadOnly || round > 0 ? undefined : kept}
      isReadOnly={isReadOnly}
      onTheirs={() => setRound(round + 1)}
    />
  );
}
