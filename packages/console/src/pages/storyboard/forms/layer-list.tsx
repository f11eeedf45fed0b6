import { Text, UnstyledButton } from "@mantine/core";
import { layersOf } from "../state/draft.ts";
import { useEditor } from "../state/editor-context.ts";
import { AddLayer } from "../timeline/add-layer.tsx";
import { FormPart } from "./form-part.tsx";
import classes from "./layer-list.module.css";
import { LayerMark } from "./layer-mark.tsx";
import { useLayerTitle } from "./use-layer-title.ts";

/** What lies on the selected scene, the uppermost first; and how more is added. */
export function LayerList() {
  const { draft, selection, select } = useEditor();
  const titleOf = useLayerTitle();
  const layers = layersOf(draft.scenes[selection.scene]!);
  return (
    <FormPart title="On it" actions={<AddLayer />}>
      {layers.length === 0 ? (
        <Text fz="sm" c="var(--quiet)">
          Nothing yet. Add a text, a picture, a shape or a button.
        </Text>
      ) : (
        <ul className={classes.list}>
          {layers
            .map((layer, at) => ({ layer, at }))
            .toReversed()
            .map(({ layer, at }) => (
              <li key={at}>
                <UnstyledButton className={classes.layer} onClick={() => select({ ...selection, layer: at })}>
                  <LayerMark layer={layer} />
                  <span className={classes.title}>{titleOf(layer)}</span>
                </UnstyledButton>
              </li>
            ))}
        </ul>
      )}
    </FormPart>
  );
}
