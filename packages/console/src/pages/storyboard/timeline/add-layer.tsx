import { STAGES } from "@inlet/contracts";
import { Button, Menu } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useLibrary } from "../assets/library.ts";
import { LAYER_ICONS, LAYER_WORDS } from "../forms/layer-words.ts";
import { inFreePlace } from "../start/free-place.ts";
import { newLayer } from "../start/new-parts.ts";
import { type LayerKind, layersOf } from "../state/draft.ts";
import { useEditor } from "../state/editor-context.ts";
import { withLayerAdded } from "../state/layers.ts";

const KINDS: readonly LayerKind[] = ["text", "image", "shape", "button"];

/** Adds a layer to the selected scene. */
export function AddLayer() {
  const { draft, selection, storyboard, change, isReadOnly } = useEditor();
  const { stored } = useLibrary();
  const add = (kind: LayerKind) => {
    const picture = Object.values(stored).find((each) => each.kind === "image")?.name;
    const others = layersOf(draft.scenes[selection.scene]!);
    const { stage } = storyboard;
    const added = inFreePlace(newLayer(kind, stage, picture), others, STAGES[stage].height);
    change(withLayerAdded(draft, selection.scene, added), {
      selection: { scene: selection.scene, layer: others.length },
    });
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconPlus size={13} aria-hidden />}
          disabled={isReadOnly || layersOf(draft.scenes[selection.scene]!).length >= 40}
        >
          Add a layer
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {KINDS.map((kind) => {
          const Icon = LAYER_ICONS[kind];
          return (
            <Menu.Item key={kind} leftSection={<Icon size={15} aria-hidden />} onClick={() => add(kind)}>
              {LAYER_WORDS[kind]}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
