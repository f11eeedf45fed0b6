import { expect, test } from "vitest";
import { openLiveArea } from "./live-area.ts";
import type { Terminal } from "./terminal.ts";

function recording(isTTY: boolean) {
  let written = "";
  const terminal: Terminal = {
    isTTY,
    columns: 80,
    write: (text) => {
      written += text;
    },
    line: () => {},
    paint: (_, text) => text,
  };
  const take = () => {
    const taken = written;
    written = "";
    return taken;
  };
  return { terminal, take };
}

test("each drawing takes the place of the one before, also when it is shorter", () => {
  const { terminal, take } = recording(true);
  const area = openLiveArea(terminal);
  area.draw(["a", "b", "c"]);
  expect(take()).toBe("\u001b[?25l\ra\u001b[K\nb\u001b[K\nc\u001b[K\n\u001b[J");
  area.draw(["d"]);
  expect(take()).toBe("\u001b[3A\rd\u001b[K\n\u001b[J");
  area.close();
  area.close();
  area.draw(["late"]);
  expect(take()).toBe("\u001b[?25h");
});

test("a cleared area is gone, and the cursor is back", () => {
  const { terminal, take } = recording(true);
  const area = openLiveArea(terminal);
  area.draw(["a", "b"]);
  take();
  area.clear();
  expect(take()).toBe("\u001b[2A\r\u001b[J\u001b[?25h");
});

test("in a pipe nothing is drawn", () => {
  const { terminal, take } = recording(false);
  const area = openLiveArea(terminal);
  area.draw(["a"]);
  area.close();
  expect(take()).toBe("");
});
