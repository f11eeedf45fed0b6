import type { ProfileVersionView } from "@inlet/contracts";
import { Alert, Button, Group, List, SegmentedControl, Stack } from "@mantine/core";
import { IconFileSearch } from "@tabler/icons-react";
import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useMay } from "../../../api/session.ts";
import { type ProjectPath, profileQuery } from "../project-queries.ts";
import { BehindAlert } from "./behind-alert.tsx";
import { ChangesView } from "./changes/changes-view.tsx";
import { textOf } from "./document/profile-text.ts";
import { EditBar } from "./edit-bar.tsx";
import { FormView } from "./form/form-view.tsx";
import { HistoryView } from "./history/history-view.tsx";
import { LeaveGuard } from "./leave-guard.tsx";
import { ProblemList } from "./problem-list.tsx";
import { ProfileFacts } from "./profile-facts.tsx";
import classes from "./profile-page.module.css";
import { versionQuery } from "./profile-queries.ts";
import { TrialView, type Tried } from "./trial/trial-view.tsx";
import { useEditing } from "./use-editing.ts";
import type { ProfileSearch, View } from "./views.ts";
import { YamlView } from "./yaml/yaml-view.tsx";

const route = getRouteApi("/signed-in/projects/$client/$project/profile");

/** A project's profile: to be changed as a form or as YAML, tried, compared and saved; or only to be read. */
export function ProfilePage() {
  const path = route.useParams();
  const { data } = useSuspenseQuery(profileQuery(path));
  const version = useSuspenseQuery(versionQuery(path, data.version)).data;
  const may = useMay();
  const key = `${path.client}/${path.project}`;
  return may("configure") ? (
    <Edited key={key} path={path} version={version} />
  ) : (
    <Looked key={key} path={path} version={version} />
  );
}

interface PartProps {
  path: ProjectPath;
  version: ProfileVersionView;
}

/** Another view of the same profile, in the address. */
function useShow(path: ProjectPath) {
  const navigate = useNavigate();
  return (search: ProfileSearch, { stay = false }: { stay?: boolean } = {}) =>
    void navigate({ to: "/projects/$client/$project/profile", params: path, search, resetScroll: !stay });
}

function Looked({ path, version }: PartProps) {
  const { view = "yaml", from, to } = route.useSearch();
  const show = useShow(path);
  const { data: live } = useSuspenseQuery(profileQuery(path));
  return (
    <Stack gap="lg">
      <SegmentedControl
        className={classes.views ?? ""}
        aria-label="What is shown"
        data={[
          { value: "yaml", label: "Profile" },
          { value: "history", label: "History" },
        ]}
        value={view === "history" ? view : "yaml"}
        onChange={(value) => show({ view: value as View })}
      />
      {view === "history" ? (
        <HistoryView
          path={path}
          from={from}
          to={to}
          onCompare={(before, after) => show({ view, from: before, to: after }, { stay: true })}
          onBringBack={undefined}
          isChanged={false}
        />
      ) : (
        <div className={classes.looked}>
          <YamlView text={textOf(version.written)} />
          <ProfileFacts live={live} />
        </div>
      )}
    </Stack>
  );
}

function Edited({ path, version }: PartProps) {
  const { view = "form", from, to, draft } = route.useSearch();
  const show = useShow(path);
  const { data: live } = useSuspenseQuery(profileQuery(path));
  const editing = useEditing(path, version);
  const liveText = useMemo(() => textOf(version.written), [version]);
  const [place, setPlace] = useState<{ line: number }>();
  const [tried, setTried] = useState<Tried>();
  const [warnings, setWarnings] = useState<readonly string[]>([]);
  // The views that the edits are made in; the others lead back to the one that was left.
  const [lastWay, setLastWay] = useState<"form" | "yaml">(view === "yaml" ? "yaml" : "form");
  const go = (next: View) => {
    if (next === "form" || next === "yaml") setLastWay(next);
    if (next !== "yaml") setPlace(undefined);
    show({ view: next });
  };
  const goToLine = (line: number) => {
    setPlace({ line });
    setLastWay("yaml");
    if (view !== "yaml") show({ view: "yaml" }, { stay: true });
  };
  const isEditing = view === "form" || view === "yaml";
  const isUnread = editing.read.mistakes.length > 0;
  return (
    <Stack gap="lg">
      <Group justify="space-between" gap="sm">
        <SegmentedControl
          className={classes.views ?? ""}
          aria-label="What is shown"
          data={[
            { value: "form", label: "Form" },
            { value: "yaml", label: "YAML" },
            { value: "history", label: "History" },
          ]}
          // Whoever reviews or tries is in none of them, and may go to each.
          value={view === "changes" || view === "try" ? "" : view}
          onChange={(value) => go(value as View)}
        />
        {isEditing && (
          <Button
            variant="default"
            leftSection={<IconFileSearch size={16} aria-hidden />}
            onClick={() => show({ view: "try" })}
          >
            Try it on a sample
          </Button>
        )}
      </Group>
      <BehindAlert path={path} live={live} editing={editing} onCompare={() => show({ view: "changes" })} />
      {warnings.length > 0 && (
        <Alert
          color="yellow"
          variant="light"
          title="It is saved; this is still to be done"
          withCloseButton
          closeButtonLabel="Put this away"
          onClose={() => setWarnings([])}
        >
          <List size="sm">
            {warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      {view !== "history" && <ProblemList problems={editing.problems} onLine={goToLine} />}
      {view === "form" &&
        (isUnread ? (
          <Alert color="yellow" variant="light" title="The form cannot show this text">
            It is no YAML at the moment. Mend it in the YAML first.
          </Alert>
        ) : (
          <FormView value={editing.read.value} problems={editing.problems} onChange={editing.setProfile} />
        ))}
      {view === "yaml" && (
        <YamlView text={editing.text} problems={editing.problems} onChange={editing.setText} place={place} />
      )}
      {view === "changes" && (
        <ChangesView
          path={path}
          live={live}
          liveText={liveText}
          editing={editing}
          onBack={() => go(lastWay)}
          onSaved={(told) => {
            setWarnings(told);
            go(lastWay);
          }}
        />
      )}
      {view === "try" && (
        <TrialView
          editing={editing}
          tried={tried}
          onTried={(begun) => {
            setTried(begun);
            show({ view: "try", draft: begun.draftId }, { stay: true });
          }}
          draftId={draft ?? tried?.draftId}
          onBack={() => go(lastWay)}
        />
      )}
      {view === "history" && (
        <HistoryView
          path={path}
          from={from}
          to={to}
          onCompare={(before, after) => show({ view, from: before, to: after }, { stay: true })}
          isChanged={editing.isChanged}
          onBringBack={(text) => {
            editing.setText(text);
            show({ view: "changes" });
          }}
        />
      )}
      {isEditing && <EditBar editing={editing} onReview={() => show({ view: "changes" })} />}
      <LeaveGuard isChanged={editing.isChanged} onDiscard={editing.discard} />
    </Stack>
  );
}
