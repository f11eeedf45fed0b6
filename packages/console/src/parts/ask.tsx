import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { Failure } from "./states.tsx";

interface AskProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** What will happen. */
  children: ReactNode;
  /** The verb of what is done: “Cancel the batch”. */
  verb: string;
  /** It cannot be taken back. */
  danger?: boolean;
  /** A reason is asked for, and kept in the history. */
  reason?: "optional" | "needed";
  /** Does it. What it throws is shown; the dialog closes when it is done. */
  onYes: (reason: string | undefined) => Promise<unknown>;
}

/** Asks before something happens that matters. */
export function Ask({ opened, onClose, title, children, verb, danger = false, reason, onYes }: AskProps) {
  const [text, setText] = useState("");
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  useReturnedFocus(opened);

  const close = () => {
    setText("");
    setError(undefined);
    onClose();
  };
  const say = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await onYes(text.trim() === "" ? undefined : text.trim());
      close();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal opened={opened} onClose={close} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void say();
        }}
      >
        <Stack gap="md">
          <Text component="div" fz="md">
            {children}
          </Text>
          {reason !== undefined && (
            <Textarea
              label="Reason"
              description="Kept in the history, with your name."
              required={reason === "needed"}
              maxLength={500}
              autosize
              minRows={2}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          )}
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Go back
            </Button>
            <Button type="submit" color={danger ? "red" : undefined} loading={busy}>
              {verb}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** A dialog that goes away as a whole gives the focus back to what opened it; one that stays and is closed does by itself. */
function useReturnedFocus(isOpenAtOnce: boolean): void {
  const [opener] = useState(() => (isOpenAtOnce ? openerOf(document.activeElement) : null));
  useEffect(
    () => () => {
      // After the dialog has let go of it; and not where something else has taken it since.
      setTimeout(() => {
        const isLost = document.activeElement === null || document.activeElement === document.body;
        if (isLost && opener?.isConnected) opener.focus({ preventScroll: true });
      });
    },
    [opener],
  );
}

/** An entry of a menu is gone with its menu: its button is what opened the dialog. */
function openerOf(active: Element | null): HTMLElement | null {
  const menu = active?.closest("[role=menu]");
  const opener = menu ? document.getElementById(menu.getAttribute("aria-labelledby") ?? "") : active;
  return opener instanceof HTMLElement ? opener : null;
}
