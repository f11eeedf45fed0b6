/** Drawn on 24 by 24: areas that are filled, and lines. */
const ICONS = {
  play: ["M7.5 4.6v14.8a1 1 0 0 0 1.53.85l11.6-7.4a1 1 0 0 0 0-1.7L9.03 3.75A1 1 0 0 0 7.5 4.6Z", ""],
  pause: [
    "M6.5 4h3a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-3a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1Zm8 0h3a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-3a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1Z",
    "",
  ],
  replay: ["", "M4.5 5v5h5M4.9 10A8 8 0 1 1 4 13.5"],
  sound: [
    "M3 9.5v5a.5.5 0 0 0 .5.5H7l4.2 3.7a.5.5 0 0 0 .8-.4V5.7a.5.5 0 0 0-.8-.4L7 9H3.5a.5.5 0 0 0-.5.5Z",
    "M15.5 9a4.2 4.2 0 0 1 0 6M18.2 6.3a8 8 0 0 1 0 11.4",
  ],
  muted: [
    "M3 9.5v5a.5.5 0 0 0 .5.5H7l4.2 3.7a.5.5 0 0 0 .8-.4V5.7a.5.5 0 0 0-.8-.4L7 9H3.5a.5.5 0 0 0-.5.5Z",
    "m16 9.5 5 5m0-5-5 5",
  ],
  captions: [
    "",
    "M5 5h14a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2ZM10.4 10.4a2.2 2.2 0 1 0 0 3.2M17 10.4a2.2 2.2 0 1 0 0 3.2",
  ],
  fill: [
    "",
    "M4 9V5.5A1.5 1.5 0 0 1 5.5 4H9m6 0h3.5A1.5 1.5 0 0 1 20 5.5V9m0 6v3.5a1.5 1.5 0 0 1-1.5 1.5H15m-6 0H5.5A1.5 1.5 0 0 1 4 18.5V15",
  ],
  leave: [
    "",
    "M9 4v3.5A1.5 1.5 0 0 1 7.5 9H4m16 0h-3.5A1.5 1.5 0 0 1 15 7.5V4m0 16v-3.5a1.5 1.5 0 0 1 1.5-1.5H20M4 15h3.5A1.5 1.5 0 0 1 9 16.5V20",
  ],
} as const;

export type IconName = keyof typeof ICONS;

const SVG = "http://www.w3.org/2000/svg";

export function icon(name: IconName): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of [
    ["viewBox", "0 0 24 24"],
    ["aria-hidden", "true"],
  ] as const)
    svg.setAttribute(key, value);
  for (const [place, d] of ICONS[name].entries()) {
    if (!d) continue;
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", place === 0 ? "area" : "line");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
