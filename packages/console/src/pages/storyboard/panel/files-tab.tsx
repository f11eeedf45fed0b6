import type { Asset } from "@inlet/contracts";
import { bytes } from "@inlet/contracts/figures";
import { namedAssets } from "@inlet/storyboard";
import { ActionIcon, Alert, Button, FileButton, Group, Progress, SegmentedControl, Text } from "@mantine/core";
import { IconCloudUpload, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api } from "../../../api/client.ts";
import { Ask } from "../../../parts/ask.tsx";
import { Mark } from "../../../parts/mark.tsx";
import { Failure, Nothing } from "../../../parts/states.tsx";
import type { ProjectPath } from "../../project/project-queries.ts";
import { acceptOf } from "../assets/asset-name.ts";
import { type Library, useLibrary } from "../assets/library.ts";
import { Thumb } from "../assets/thumb.tsx";
import { useDrop } from "../assets/use-drop.ts";
import { FormPart } from "../forms/form-part.tsx";
import { useEditor } from "../state/editor-context.ts";
import { assetsQuery } from "../storyboard-queries.ts";
import classes from "./files-tab.module.css";

type Shown = "all" | "used" | "unused";

/** The project's pictures, videos and sounds: uploaded by dropping them, and removed when nothing shows them. */
export function FilesTab({ path }: { path: ProjectPath }) {
  const { assets, uploads, upload, forget, urlOf, error } = useLibrary();
  const { isReadOnly, draft } = useEditor();
  const drop = useDrop((files) => void upload(files));
  const [shown, setShown] = useState<Shown>("all");
  const [asked, setAsked] = useState<Asset>();
  const queryClient = useQueryClient();
  // What is not saved yet counts, too.
  const mayShow = useMemo(() => namedAssets(draft), [draft]);
  const isUsed = ({ name, usedIn }: Asset) => usedIn.includes("live") || mayShow(name);
  const listed = assets.filter((asset) => shown === "all" || isUsed(asset) === (shown === "used"));
  return (
    <FormPart title="Pictures, videos and sounds">
      {!isReadOnly && (
        <div className={classes.drop} {...drop}>
          <IconCloudUpload size={24} stroke={1.5} aria-hidden />
          <Text fz="sm">Drop files here</Text>
          <FileButton multiple accept={acceptOf(["image", "video", "audio"])} onChange={(files) => void upload(files)}>
            {(props) => (
              <Button {...props} size="xs" variant="default">
                Select files
              </Button>
            )}
          </FileButton>
          <Text fz="xs" c="var(--quiet)" ta="center">
            They are made anew for the web. Videos play without their sound: send that as a file of its own. Up to 100
            MB each.
          </Text>
        </div>
      )}
      <Uploads uploads={uploads} forget={forget} />
      {error != null && <Failure error={error} />}
      {assets.length > 0 && (
        <SegmentedControl
          size="xs"
          aria-label="Which files are shown"
          data={[
            { value: "all", label: `All ${assets.length}` },
            { value: "used", label: "In use" },
            { value: "unused", label: "Unused" },
          ]}
          value={shown}
          onChange={(value) => setShown(value as Shown)}
        />
      )}
      {assets.length === 0 && uploads.length === 0 && (
        <Nothing title="No files yet">What is dropped here can be shown in scenes and on the page.</Nothing>
      )}
      <ul className={classes.list}>
        {listed.map((asset) => (
          <li key={asset.id} className={classes.asset}>
            <Picture asset={asset} />
            {asset.file?.kind === "audio" && (
              // biome-ignore lint/a11y/useMediaCaption: it is heard here to know which one it is
              <audio
                controls
                preload="none"
                className={classes.sound}
                src={urlOf(asset.file)}
                aria-label={asset.name}
              />
            )}
            <div className={classes.words}>
              <Text fz="sm" fw={560} className={classes.name ?? ""}>
                {asset.name}
              </Text>
              <Text fz="xs" c="var(--quiet)">
                {factsOf(asset)}
              </Text>
              <Standing asset={asset} isUsed={isUsed(asset)} />
            </div>
            {!isReadOnly && (
              <ActionIcon
                variant="subtle"
                color="gray"
                className={classes.remove ?? ""}
                aria-label={`Delete ${asset.name}`}
                onClick={() => setAsked(asset)}
              >
                <IconTrash size={15} aria-hidden />
              </ActionIcon>
            )}
          </li>
        ))}
      </ul>
      {asked !== undefined && (
        <Ask
          opened
          onClose={() => setAsked(undefined)}
          title={`Delete ${asked.name}?`}
          verb="Delete"
          danger
          onYes={async () => {
            await api.removeAsset(path.client, path.project, asked.id);
            await queryClient.invalidateQueries(assetsQuery(path));
          }}
        >
          {isUsed(asked)
            ? "It is shown by this storyboard: take it out there first."
            : "Nothing shows it now. Versions that were published with it show it all the same."}
        </Ask>
      )}
    </FormPart>
  );
}

function Uploads({ uploads, forget }: Pick<Library, "uploads" | "forget">) {
  return uploads.map(({ name, share, failure }) =>
    failure === undefined ? (
      <div key={name} role="status">
        <Group justify="space-between" gap="xs" wrap="nowrap">
          <Text fz="xs" truncate>
            {name}
          </Text>
          <Text fz="xs" c="var(--quiet)">
            {Math.round(share * 100)} %
          </Text>
        </Group>
        <Progress size="sm" value={share * 100} aria-label={`Sending ${name}`} />
      </div>
    ) : (
      <Alert
        key={name}
        color="red"
        variant="light"
        p="xs"
        title={`${name} did not come`}
        withCloseButton
        closeButtonLabel={`Put away what was said of ${name}`}
        onClose={() => forget(name)}
      >
        {failure}
      </Alert>
    ),
  );
}

function Picture({ asset: { file, state } }: { asset: Asset }) {
  if (file !== null) return <Thumb asset={file} size="large" />;
  return (
    <span className={classes.pending} data-state={state} aria-hidden>
      {state === "processing" ? "…" : "!"}
    </span>
  );
}

function Standing({ asset: { state, refusal, usedIn }, isUsed }: { asset: Asset; isUsed: boolean }) {
  if (state === "processing") return <Mark tone="busy">Is made ready</Mark>;
  if (state === "refused")
    return (
      <Text fz="xs" c="var(--bad)">
        {refusal?.message ?? "It cannot be shown."}
      </Text>
    );
  if (!isUsed) return <Text fz="xs">Unused</Text>;
  return <Text fz="xs">{usedIn.includes("live") ? "In use, also live" : "In use"}</Text>;
}

function factsOf({ file, upload }: Asset): string {
  if (file === null) return bytes(upload.sizeBytes);
  const size = file.width === null ? undefined : `${file.width} × ${file.height}`;
  const long = file.durationMs === null ? undefined : `${Number((file.durationMs / 1_000).toFixed(1))} s`;
  return [size, long, bytes(file.sizeBytes)].filter((each) => each !== undefined).join(", ");
}
