import { expect, test } from "vitest";
import { html } from "./html.ts";

test("whatever is put in is escaped, once", () => {
  const value = `<img src=x onerror="alert('1')"> & &amp;`;
  expect(html`<p title="${value}">${value}</p>`.markup).toBe(
    '<p title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; &amp;amp;">&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; &amp;amp;</p>',
  );
});

test("HTML goes into HTML as it is; lists are joined; undefined is nothing", () => {
  const items = ["a", "<b>"].map((item) => html`<li>${item}</li>`);
  expect(html`<ul>${items}</ul>${undefined}${0}`.markup).toBe("<ul><li>a</li><li>&lt;b&gt;</li></ul>0");
});

test("something that merely looks like HTML is no HTML", () => {
  expect(html`${{ markup: "<b>" } as never}`.markup).not.toContain("<b>");
});
