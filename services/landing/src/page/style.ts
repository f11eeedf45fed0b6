import { createHash } from "node:crypto";
import { Lru } from "../limits/lru.ts";
import { type Palette, paletteOf } from "../palette.ts";

/** A page's style sheet, and the hash by which its Content-Security-Policy lets it in. */
export interface Style {
  css: string;
  /** Such as `sha256-…`. */
  hash: string;
  /** Of the browser's own bars, on light and on dark screens. */
  themeColour: { light: string; dark: string };
}

const styles = new Lru<string, Style>(500);

/** The style for a brand's colour (`#rrggbb`). */
export function styleOf(colour: string): Style {
  let style = styles.get(colour);
  if (style === undefined) {
    const palette = paletteOf(colour);
    style = styleFrom(sheet(palette), { light: palette.tint, dark: palette.darkTint });
    styles.set(colour, style);
  }
  return style;
}

/** A style sheet with its hash. */
export function styleFrom(css: string, themeColour: Style["themeColour"]): Style {
  return { css, hash: `sha256-${createHash("sha256").update(css).digest("base64")}`, themeColour };
}

function sheet(palette: Palette): string {
  return `
:root{color-scheme:light dark;--tint:${palette.tint};--back:#f6f7f9;--card:#fff;--text:#14161d;--soft:#5a6072;--line:#e4e6ec;--button:${palette.button};--on-button:${palette.onButton};--shadow:0 1px 2px rgb(20 22 29/.06),0 18px 48px -16px rgb(20 22 29/.22)}
@media(prefers-color-scheme:dark){:root{--tint:${palette.darkTint};--back:#0e1016;--card:#181b24;--text:#f2f3f7;--soft:#a3a9bb;--line:#2a2e3b;--shadow:0 24px 60px -20px #000}}
*{box-sizing:border-box;margin:0}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{min-height:100vh;min-height:100svh;display:flex;flex-direction:column;align-items:center;justify-content:center;padding:clamp(1.25rem,4vh,3.5rem) clamp(0px,4vw,3rem);background:var(--back) linear-gradient(var(--tint),transparent 34rem) no-repeat;color:var(--text);font:400 1.0625rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
bdi{unicode-bidi:isolate}
main{width:100%;max-width:58rem;background:var(--card);border-radius:1.5rem;box-shadow:var(--shadow);overflow:hidden}
.hero{display:block;width:100%;height:auto;aspect-ratio:1200/630;background:linear-gradient(135deg,${palette.from},${palette.to})}
.rehearsal{padding:.5rem 1rem;background:#ffd84d;color:#3a2c00;font-weight:600;font-size:.9375rem;text-align:center}
.words{padding:clamp(1.625rem,4.5vw,2.75rem) clamp(1.25rem,6vw,4rem) clamp(2rem,6vw,3.5rem)}
h1{font-size:clamp(1.5rem,1.25rem + 1.2vw,2rem);line-height:1.2;letter-spacing:-.015em;font-weight:700;text-wrap:balance}
.text{margin-top:.75rem;max-width:42rem;font-size:clamp(1.0625rem,1rem + .3vw,1.1875rem);color:var(--soft);white-space:pre-line;text-wrap:pretty}
dl{margin-top:1.75rem;display:flex;flex-wrap:wrap;gap:1px;background:var(--line);border:1px solid var(--line);border-radius:1rem;overflow:hidden}
dl div{flex:1 1 min(100%,14rem);background:var(--card);padding:.9375rem 1.25rem 1.0625rem}
dt{font-size:.8125rem;color:var(--soft)}
dd{font-weight:600;font-size:1.0625rem;line-height:1.4;white-space:pre-line;font-variant-numeric:tabular-nums}
.button{display:inline-block;margin-top:1.75rem;padding:.9375rem 2rem;border-radius:999px;background:var(--button);color:var(--on-button);font-weight:650;font-size:1.0625rem;line-height:1.4;text-align:center;text-decoration:none;box-shadow:0 10px 24px -12px var(--button);transition:transform .15s,filter .15s}
.button:hover{filter:brightness(1.08);transform:translateY(-1px)}
.button:active{transform:none}
.button:focus-visible{outline:3px solid var(--text);outline-offset:3px}
.notice{max-width:34rem;text-align:center}
.notice p{margin-top:.75rem;color:var(--soft)}
@media(max-width:40rem){body{justify-content:flex-start;padding:0}main{border-radius:0;box-shadow:none;flex:1}.button{display:block}.notice{border-radius:1.25rem;flex:none;margin:auto 1rem;width:auto;box-shadow:var(--shadow)}}
@media(prefers-reduced-motion:reduce){.button{transition:none}.button:hover{transform:none}}
@media print{body{background:none}main{box-shadow:none}}
`;
}
