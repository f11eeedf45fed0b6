import { pageWordsOf, type Words } from "@inlet/storyboard";
import { SegmentedControl } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useMemo, useState } from "react";
import { usePreview } from "../preview/preview-context.ts";
import { rowIn, spokenIn } from "../preview/preview-film.ts";
import { Still } from "../preview/still.tsx";
import { useEditor } from "../state/editor-context.ts";
import classes from "./page-preview.module.css";

/** The screens that it is shown on, in CSS pixels. */
const SCREENS = { desktop: { width: 1_200, label: "Desktop" }, phone: { width: 390, label: "Phone" } } as const;
type Screen = keyof typeof SCREENS;

/** The landing page as the chosen row would see it, small. Links on it lead nowhere. */
export function PagePreview() {
  const { storyboard, language, languages } = useEditor();
  const { film, row, assets, assetUrl } = usePreview();
  const [screen, setScreen] = useState<Screen>("desktop");
  const { ref, width, height } = useElementSize();
  const spoken = languages.length > 1 ? language : storyboard.language.default;
  const words = useMemo(
    () => pageWordsOf(spokenIn(storyboard), rowIn(row, spoken), { assets }),
    [storyboard, row, spoken, assets],
  );
  const wanted = SCREENS[screen].width;
  const scale = Math.min(1, Math.max(1, width) / wanted);
  const shape = film.width > film.height ? "landscape" : film.width === film.height ? "square" : "portrait";
  return (
    <div className={classes.room}>
      <SegmentedControl
        size="xs"
        className={classes.screens ?? ""}
        aria-label="Screen"
        data={Object.entries(SCREENS).map(([value, { label }]) => ({ value, label }))}
        value={screen}
        onChange={(value) => setScreen(value as Screen)}
      />
      <div className={classes.measure} ref={ref}>
        <section
          className={classes.frame}
          style={{ width: wanted * scale }}
          aria-label="The page, as it will look"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a long page is scrolled by keyboard, too
          tabIndex={0}
        >
          <div
            className={classes.page}
            data-template={words.template}
            data-shape={shape}
            data-screen={screen}
            lang={words.language}
            dir={words.direction}
            style={
              {
                width: wanted,
                minHeight: height / scale,
                zoom: scale,
                "--colour": words.colour,
                "--on-colour": inkOn(words.colour),
              } as object
            }
          >
            {words.logo && (
              <div className={classes.brand}>
                <img src={assetUrl(words.logo)} alt="Logo" />
              </div>
            )}
            <div className={classes.main}>
              <div className={classes.film}>
                <Still film={film} assetUrl={assetUrl} label="The film's poster" />
              </div>
              <div className={classes.words}>
                <h2 dir={words.title.direction}>{words.title.text}</h2>
                {words.text.text !== "" && <Paragraph className={classes.text} words={words.text} />}
                {words.fields.length > 0 && (
                  <dl>
                    {words.fields.map(({ label, value }) => (
                      <div key={label.text}>
                        <dt>{label.text}</dt>
                        <dd dir={value.direction}>{value.text}</dd>
                      </div>
                    ))}
                  </dl>
                )}
                {words.button && (
                  <span className={classes.button} title={words.button.url}>
                    {words.button.label.text}
                  </span>
                )}
                {words.download && <span className={classes.download}>Download the film</span>}
              </div>
            </div>
            {(words.footer.text !== "" || words.links.length > 0) && (
              <div className={classes.foot}>
                {words.footer.text !== "" && <Paragraph words={words.footer} />}
                <span className={classes.links}>
                  {words.links.map(({ label, url }) => (
                    <u key={url + label.text} title={url}>
                      {label.text}
                    </u>
                  ))}
                </span>
              </div>
            )}
          </div>
        </section>
      </div>
    </div>
  );
}

function Paragraph({ words, className }: { words: Words; className?: string | undefined }) {
  return (
    <p className={className} dir={words.direction}>
      {words.text}
    </p>
  );
}

/** Black or white, whichever is read on a colour (relative luminance, WCAG 2.2). */
function inkOn(colour: string): string {
  const parts = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const [red = 0, green = 0, blue = 0] = parts;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.3 ? "#11131a" : "#ffffff";
}
