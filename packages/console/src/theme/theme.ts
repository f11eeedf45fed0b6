import { createTheme, type MantineColorsTuple, type MantineThemeOverride } from "@mantine/core";

/** The blue of Inlet's mark, from tint to shade. Shade 6 on white has a contrast of 6.4 : 1. */
const ink: MantineColorsTuple = [
  "#eef1ff",
  "#dce2ff",
  "#b6c2ff",
  "#8d9fff",
  "#6a80ff",
  "#4a64ff",
  "#2b4bff",
  "#2240df",
  "#1a35bf",
  "#11278f",
];

/** Cool greys for the dark scheme: 0 is text, 7 the page. */
const dark: MantineColorsTuple = [
  "#e6e8ee",
  "#b4b9c6",
  "#9aa1b1",
  "#6b7284",
  "#3a4050",
  "#2a2f3c",
  "#1d212b",
  "#14171f",
  "#0f1218",
  "#0a0c11",
];

export const theme: MantineThemeOverride = createTheme({
  primaryColor: "ink",
  primaryShade: { light: 6, dark: 5 },
  colors: { ink, dark },
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, "Cascadia Mono", Menlo, Consolas, monospace',
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  headings: {
    fontFamily: '"Inter Variable", system-ui, sans-serif',
    fontWeight: "620",
    sizes: {
      h1: { fontSize: "1.375rem", lineHeight: "1.3" },
      h2: { fontSize: "1.0625rem", lineHeight: "1.4" },
      h3: { fontSize: "0.9375rem", lineHeight: "1.4" },
    },
  },
  defaultRadius: "md",
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    // What it says, it also says to who comes by keyboard.
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true, events: { hover: true, focus: true, touch: true } } },
    Modal: { defaultProps: { centered: true, closeButtonProps: { "aria-label": "Close" } } },
    Drawer: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
  },
});
