/** How it looks. What a site may change: the properties `--comments-…`, and the parts. */
export const STYLE = `
:host {
  display: block; margin-block: 2em; container-type: inline-size; text-align: start; text-transform: none; letter-spacing: normal;
  word-spacing: normal; white-space: normal; text-indent: 0; hyphens: manual;
  font: normal clamp(15px, 1em, 18px)/1.55 var(--comments-sans, system-ui, sans-serif);
  color: var(--comments-text, inherit); overflow-wrap: anywhere;
  --accent: var(--comments-accent, light-dark(#0b5a67, #86cbd5));
  --on-accent: var(--comments-on-accent, light-dark(#fff, #0b1c1f));
  --danger: var(--comments-danger, light-dark(#a4262c, #ff9d95));
  --muted: var(--comments-muted, color-mix(in srgb, currentColor 78%, transparent));
  --line: var(--comments-line, color-mix(in srgb, currentColor 18%, transparent));
  --edge: var(--comments-edge, color-mix(in srgb, currentColor 58%, transparent));
  --tint: var(--comments-tint, color-mix(in srgb, currentColor 5%, transparent));
}
:host([hidden]) { display: none; }
:host([theme=light]) { color-scheme: light; }
:host([theme=dark]) { color-scheme: dark; }
:host([theme]) { color: var(--comments-text, light-dark(#1d1f21, #e6e4df)); background: var(--comments-surface, light-dark(#fff, #16181a)); }
*, ::before { box-sizing: border-box; }
[hidden], p:empty { display: none !important; }
p, ol, h2, h3 { margin: 0; padding: 0; }
ol ol { margin-block-start: 8px; padding-inline-start: 20px; border-inline-start: 1px solid var(--line); }
ol:empty { display: none; }
li { list-style: none; scroll-margin-block: 16px; }
.list > li { border-block-start: 1px solid var(--line); padding-block: 20px 12px; }
ol ol > li { padding-block: 12px 4px; }
a { color: var(--accent); text-underline-offset: .15em; text-decoration-thickness: 1px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
li:focus, .text:focus { outline: none; }
li:focus > article, li.found > article { outline: 2px solid var(--accent); outline-offset: 8px; border-radius: 2px; }
button, input, textarea, select { font: inherit; color: inherit; }
button { cursor: pointer; }
h2, h3 { font-size: 1.35em; font-weight: 600; line-height: 1.3; }
h3 { font-size: 1.2em; }
.top { display: flex; flex-wrap: wrap; gap: 4px 20px; align-items: baseline; margin-block-end: 12px; }
.top h2 { margin-inline-end: auto; }
.quiet, select {
  min-block-size: 36px; padding: 6px 12px; margin: 0; margin-inline-start: -12px; border: 0; background: none;
  color: var(--accent); font-size: .9em; font-weight: 600; text-align: start;
}
select { field-sizing: content; }
select option { color: #1d1f21; background: #fff; }
.quiet:hover { text-decoration: underline; text-underline-offset: .2em; }
.none, .closed, .meta, .gone, .hint { color: var(--muted); }
.none, .closed { padding-block: 12px 24px; }
.meta, .hint { font-size: .875em; line-height: 1.4; }
.hint { margin-block-start: 4px; }
.quiet + .quiet { color: var(--muted); font-weight: 400; margin-inline-start: 0; }
.meta a { color: inherit; text-decoration: none; }
.meta a:hover { text-decoration: underline; }
header { display: flex; gap: 12px; align-items: center; margin-block-end: 8px; }
header > div { min-inline-size: 0; }
.avatar {
  flex: none; inline-size: 40px; block-size: 40px; border-radius: 50%; display: grid; place-items: center;
  font-size: 15px; font-weight: 600; color: #fff; background: hsl(var(--hue) 38% 34%);
}
ol ol .avatar { inline-size: 32px; block-size: 32px; font-size: 12px; }
.name { font-weight: 600; line-height: 1.35; }
.name a { color: inherit; text-decoration-color: var(--edge); }
.text > * { margin: 0 0 .75em; }
.text > :last-child { margin-block-end: 4px; }
.text blockquote { padding-inline-start: 12px; border-inline-start: 3px solid var(--line); color: var(--muted); }
.text blockquote p { margin: 0; }
.text pre { overflow-x: auto; padding: 12px; background: var(--tint); }
.text :is(ul, ol) { padding-inline-start: 1.4em; border: 0; }
.text li { display: list-item; list-style: revert; }
.typed { white-space: pre-wrap; }
.folded { max-block-size: 20lh; overflow: hidden; mask: linear-gradient(#000 80%, #0000); }
.gone { font-style: italic; padding-block: 4px 8px; }
.respond { border-block-start: 1px solid var(--line); padding-block: 24px 8px; margin-block: 8px; max-inline-size: 42em; scroll-margin-block: 8px; }
.fields { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(11em, 100%), 1fr)); gap: 16px; margin-block-start: 16px; }
.fields > :first-child { grid-column: 1 / -1; }
label { font-weight: 600; display: block; margin-block-end: 4px; }
input, textarea {
  display: block; inline-size: 100%; min-block-size: 44px; padding: 9px 12px; background: var(--comments-surface, transparent);
  border: 1px solid var(--edge); border-radius: 3px; font-size: max(1em, 16px);
}
textarea { min-block-size: 8.5em; max-block-size: 70vh; resize: vertical; field-sizing: content; }
:is(input, textarea):focus-visible { outline-offset: 0; }
.star { color: var(--danger); }
.keep { display: flex; gap: 12px; align-items: center; min-block-size: 44px; font-weight: 400; margin-block: 12px; cursor: pointer; }
.keep input { flex: none; inline-size: 22px; min-block-size: 22px; accent-color: var(--accent); margin: 0; }
.buttons { display: flex; flex-wrap: wrap; gap: 8px 28px; align-items: center; }
.main {
  min-block-size: 48px; padding: 10px 24px; font-weight: 600; color: var(--on-accent); background: var(--accent);
  border: 1px solid var(--accent); border-radius: 3px;
}
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (pointer: coarse) { .quiet, select { min-block-size: 44px; } }
@container (max-width: 30em) {
  ol ol { padding-inline-start: 12px; }
  .main { inline-size: 100%; }
}
@media (forced-colors: active) { .avatar { border: 1px solid; } }
@media print { button, .top label, .respond { display: none; } }
`;
