import { type ReactNode, useDeferredValue } from "react";
import { EditorContext, useEditor } from "../state/editor-context.ts";
import { PreviewContext, usePreview } from "./preview-context.ts";

/**
 * While somebody types, what stands in here is drawn after the field and the film, and may skip letters. A movement of the
 * hand it follows at once.
 */
export function Later({ children }: { children: ReactNode }) {
  const editor = useEditor();
  const preview = usePreview();
  const laterEditor = useDeferredValue(editor);
  const laterPreview = useDeferredValue(preview);
  return (
    <EditorContext value={editor.isTyped ? laterEditor : editor}>
      <PreviewContext value={editor.isTyped ? laterPreview : preview}>{children}</PreviewContext>
    </EditorContext>
  );
}
