import type { StoryboardPage } from "@inlet/contracts";
import { Lru } from "../limits/lru.ts";
import { nightButton, type Palette, paletteOf, SOFT_TEXT } from "../palette.ts";
import { type Style, styleFrom } from "./style.ts";

/** How a page around a film looks. */
export interface FilmLook {
  template: StoryboardPage["template"];
  shape: FilmShape;
  /** `#rrggbb` */
  colour: string;
  /** Likewise, for where `colour` would not be seen. */
  accent: string;
}

export type FilmShape = "landscape" | "square" | "portrait";

/** The shape of a stage. */
export function shapeOf({ width, height }: { width: number; height: number }): FilmShape {
  return width > height ? "landscape" : width === height ? "square" : "portrait";
}

const styles = new Lru<string, Style>(500);

/** The style sheet of a look: what its template and its film's shape need, and no more. */
export function filmStyle({ template, shape, colour, accent }: FilmLook): Style {
  const name = `${template} ${shape} ${colour} ${accent}`;
  let style = styles.get(name);
  if (style === undefined) {
    const palette = { ...paletteOf(colour), night: nightButton(colour, accent) };
    const isDark = template === "stage";
    const css = [isDark ? dark(palette) : byScreen(palette), BASE, TEMPLATES[template], SHAPES[template][shape], END]
      .join("")
      .replace(/\n/g, "");
    style = styleFrom(css, { light: isDark ? palette.darkTint : palette.tint, dark: palette.darkTint });
    styles.set(name, style);
  }
  return style;
}

type Colours = Palette & { night: { button: string; onButton: string } };

const byDay = ({ button, onButton, tint, link }: Colours) =>
  `--button:${button};--on-button:${onButton};--tint:${tint};--back:#f7f8fa;--card:#fff;--text:#14161d;--soft:${SOFT_TEXT.light};--line:#e3e5eb;--link:${link};--shadow:0 1px 2px rgb(20 22 29/.06),0 24px 60px -20px rgb(20 22 29/.24)`;
const byNight = ({ night, darkTint, darkLink }: Colours) =>
  `--button:${night.button};--on-button:${night.onButton};--tint:${darkTint};--back:#0e1016;--card:#181b24;--text:#f4f5f9;--soft:${SOFT_TEXT.dark};--line:#2c303d;--link:${darkLink};--shadow:0 24px 60px -20px #000`;

/** A logo is drawn for light paper, mostly: at night it lies on some. */
const byScreen = (colours: Colours) => `:root{color-scheme:light dark;${brandOf(colours)};${byDay(colours)}}
@media(prefers-color-scheme:dark){:root{${byNight(colours)}}.logo{background:#fff;padding:.5rem .75rem;border-radius:.625rem}}`;
const dark = (colours: Colours) => `:root{color-scheme:dark;${brandOf(colours)};${byNight(colours)}}`;
const brandOf = ({ from, to }: Colours) => `--from:${from};--to:${to}`;

/** `--film` is the film's width: as wide as its place, and never higher than the screen has room for. */
const BASE = `
*{box-sizing:border-box;margin:0}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{min-height:100vh;min-height:100svh;display:flex;flex-direction:column;align-items:center;background:var(--back) linear-gradient(var(--tint),transparent 36rem) no-repeat;color:var(--text);font:400 1.0625rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",Arial,sans-serif;overflow-wrap:anywhere}
.rehearsal{align-self:stretch;padding:.5rem 1rem;background:#ffd84d;color:#3a2c00;font-weight:600;font-size:.9375rem;text-align:center}
.brand{padding:1.25rem 1.25rem 0}
.logo{display:block;max-width:min(11rem,60vw);max-height:2.75rem;width:auto;height:auto}
main{width:100%}
.film{position:relative;width:var(--film);margin-inline:auto;background:linear-gradient(135deg,var(--from),var(--to));overflow:hidden}
.poster{display:block;width:100%;height:auto}
.words{position:relative;padding:1.75rem 1.25rem 2.25rem}
h1{font-size:clamp(1.625rem,1.3rem + 1.5vw,2.25rem);line-height:1.16;letter-spacing:-.018em;font-weight:700;text-wrap:balance;hyphens:auto}
.long{font-size:clamp(1.375rem,1.2rem + .9vw,1.75rem);line-height:1.25}
h1:lang(ar),h1:lang(he){letter-spacing:0;line-height:1.3}
.text{margin-top:.875rem;max-width:38rem;font-size:clamp(1.0625rem,1rem + .3vw,1.1875rem);color:var(--soft);white-space:pre-line;text-wrap:pretty}
dl{margin-top:1.75rem;display:flex;flex-wrap:wrap;gap:1px;background:var(--line);border:1px solid var(--line);border-radius:1rem;overflow:hidden;text-align:start}
dl div{flex:1 1 min(100%,12rem);background:var(--card);padding:.875rem 1.25rem 1rem}
dt{font-size:.8125rem;color:var(--soft)}
dd{hyphens:auto;font-weight:600;font-size:1.0625rem;line-height:1.4;white-space:pre-line;font-variant-numeric:tabular-nums}
.button{display:block;width:fit-content;margin-top:2rem;padding:1rem 2.25rem;border:1px solid transparent;border-radius:999px;background:var(--button);color:var(--on-button);font-weight:650;font-size:1.0625rem;line-height:1.4;text-align:center;text-decoration:none;box-shadow:0 14px 28px -14px var(--button);transition:transform .15s,filter .15s}
.button:hover{filter:brightness(1.07);transform:translateY(-1px)}
.button:active{transform:none}
:focus-visible{outline:3px solid var(--text);outline-offset:3px;border-radius:.25rem}
.button:focus-visible{border-radius:999px}
footer{width:100%;margin-top:auto;padding:1.5rem 1.25rem 2rem;display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:baseline;justify-content:center;font-size:.875rem;color:var(--soft);text-align:center}
footer p{white-space:pre-line;max-width:44rem}
footer ul{display:flex;flex-wrap:wrap;justify-content:center;gap:.25rem 1.25rem;padding:0;list-style:none}
footer a,.download{display:inline-block;padding-block:.25rem;color:var(--soft);text-underline-offset:.2em;text-decoration-thickness:1px}
.download{margin-top:1.25rem;color:var(--link);font-size:.9375rem}
footer a:hover,.download:hover{color:var(--text)}
@media(max-width:40rem){.button{width:auto}}
`;

/** Player and words on one card. */
const CARD = `
.brand{padding-block:clamp(1.25rem,3vh,2rem) .25rem}
.words{max-width:48rem}
@media(min-width:48.01rem){
main{width:calc(100% - 4rem);margin-block:clamp(1.25rem,4vh,3rem);background:var(--card);border-radius:1.5rem;box-shadow:var(--shadow);overflow:hidden}
.words{padding:clamp(2rem,4vw,3rem) clamp(2rem,5vw,3.5rem) clamp(2.25rem,5vw,3.5rem)}
}
@media(max-width:48rem){body{background:var(--card)}.brand{align-self:stretch;background:var(--tint);padding-bottom:1rem}}
`;
/** A dark stage, the player large. */
const STAGE = `
body{background:var(--back) radial-gradient(140% 46rem at 50% -8rem,var(--tint),transparent) no-repeat}
.brand{padding-block:clamp(1.25rem,3vh,2rem) clamp(1rem,2.5vh,1.75rem)}
.film{box-shadow:0 0 0 1px rgb(255 255 255/.08),0 50px 140px -50px var(--from)}
.words{max-width:46rem;margin-inline:auto;text-align:center;display:flex;flex-direction:column;align-items:center}
.text{margin-inline:auto}
dl{align-self:stretch}
@media(max-width:40rem){.button{align-self:stretch}}
@media(min-width:48.01rem){.film{border-radius:1.125rem}main{padding:1rem 2rem 0}.words{padding-block:2.5rem 3rem}}
`;
/** The words beside the player, on a desktop. */
const SPLIT = `
.brand{padding-block:clamp(1.25rem,3vh,2.25rem) 1rem}
@media(min-width:60rem){
body{position:relative;isolation:isolate;background:var(--back);align-items:stretch}
body::before{content:"";position:absolute;z-index:-1;inset-block:0;inset-inline-end:0;width:var(--panel);background:linear-gradient(150deg,var(--from),var(--to))}
.brand,main,footer{width:100%;max-width:84rem;margin-inline:auto;padding-inline:clamp(2rem,4vw,4rem)}
main{flex:1;display:grid;grid-template-columns:minmax(0,5fr) minmax(0,7fr);align-items:center;gap:clamp(2.5rem,5vw,5rem);padding-block:2rem}
.film{grid-column:2;grid-row:1;border-radius:1.25rem;box-shadow:var(--shadow)}
.words{grid-column:1;grid-row:1;padding:0}
h1{font-size:clamp(2rem,1rem + 2.6vw,3.25rem);line-height:1.08}
.long{font-size:clamp(1.625rem,1rem + 1.5vw,2.25rem);line-height:1.16}
.text{margin-top:1.25rem}
footer{justify-content:flex-start;text-align:start;padding-inline-end:44%}
footer ul{justify-content:flex-start}
}
@media(max-width:59.99rem){.brand{align-self:stretch}.words{max-width:46rem;margin-inline:auto}}
`;

const TEMPLATES: Readonly<Record<FilmLook["template"], string>> = { card: CARD, stage: STAGE, split: SPLIT };

/** On a phone a high film has margins, so that it is seen to be one, and the title below it is seen to be there. */
const HIGH_ON_PHONE = "--film:min(100% - 2rem,76svh*.5625)";
const HIGH_FILM = ".film{border-radius:1.125rem}";

/** A film that is not wide leaves room for the words at its side. */
const BESIDE_ON_STAGE = (film: string) =>
  `@media(min-width:60rem){:root{--film:${film}}main{flex:1;max-width:76rem;display:grid;grid-template-columns:auto minmax(0,34rem);gap:clamp(2.5rem,5vw,5rem);align-items:center;justify-content:center}.words{margin:0;text-align:start;align-items:flex-start}.text{margin-inline:0}}`;

/** Beside the words, on a card. */
const INSET = ".film{margin-block:1.25rem;margin-inline:1.25rem 0;border-radius:.875rem}";

const SHAPES: Readonly<Record<FilmLook["template"], Readonly<Record<FilmShape, string>>>> = {
  card: {
    // The button beside the title: it is seen without scrolling.
    landscape: `:root{--film:100%}main{max-width:54rem}
@media(min-width:48.01rem){.words{max-width:none;display:grid;grid-template-columns:minmax(0,1fr) auto;column-gap:clamp(2rem,4vw,3.5rem)}.words>*{grid-column:1}.words>dl{grid-column:1/-1}.words>.button{grid-column:2;grid-row:1/span 2;align-self:center;max-width:18rem;margin-top:0}.download{justify-self:start}}`,
    square: `:root{--film:100%}main{max-width:64rem}
@media(min-width:48.01rem){:root{--film:calc(100% - 1.25rem)}main{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);align-items:center}${INSET}}`,
    portrait: `:root{${HIGH_ON_PHONE}}${HIGH_FILM}
@media(max-width:48rem){main{padding-top:1rem}body{background:var(--card) linear-gradient(var(--tint),transparent 36rem) no-repeat}.brand{background:none}}
@media(min-width:48.01rem){:root{--film:min(24rem,(100svh - 9rem)*.5625)}main{width:fit-content;max-width:calc(100% - 4rem);display:grid;grid-template-columns:auto minmax(20rem,34rem);align-items:center}${INSET}}`,
  },
  stage: {
    landscape: `:root{--film:100%}
@media(min-width:48.01rem){:root{--film:min(100%,76rem,(100svh - 19rem)*1.7778)}}`,
    square: `:root{--film:100%}
${BESIDE_ON_STAGE("min(46rem,52vw,100svh - 11rem)")}`,
    portrait: `:root{${HIGH_ON_PHONE}}${HIGH_FILM}
${BESIDE_ON_STAGE("min(30rem,(100svh - 9rem)*.5625)")}`,
  },
  split: {
    landscape: ":root{--film:100%;--panel:38%}",
    square: `:root{--film:100%;--panel:34%}
@media(min-width:60rem){:root{--film:min(100%,100svh - 9rem)}main{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}}`,
    // The film stands in the middle of the coloured half.
    portrait: `:root{${HIGH_ON_PHONE};--panel:44%}${HIGH_FILM}
@media(min-width:60rem){:root{--film:min(100% - 4rem,(100svh - 8rem)*.5625)}main{max-width:none;padding-inline:0;grid-template-columns:minmax(0,56fr) minmax(0,44fr);gap:0}.words{padding-inline:max(clamp(2rem,4vw,4rem),50vw - 42rem) 3rem}}`,
  },
};

/** Last, so that it holds for all. */
const END = `
@media(prefers-reduced-motion:reduce){.button{transition:none}.button:hover{transform:none}}
@media(prefers-contrast:more){:root{--soft:var(--text);--line:var(--soft)}}
@media print{:root{color-scheme:light;--text:#000;--soft:#333;--card:#fff;--line:#999;--film:60%}body,body::before{background:none}main{display:block;box-shadow:none}.film,.poster{break-inside:avoid}.download,.rehearsal{display:none}.button{box-shadow:none;color:#000;background:none;border-color:#000}.button::after{content:" (" attr(href) ")";font-weight:400;overflow-wrap:anywhere}}
`;
