/**
 * How the page at /api/docs looks: the dashboard's colours and letters (a test compares them with its
 * theme.css), light and dark by the system's choice, down to 360 px.
 */
const theme = `
:root {
  color-scheme: light dark;
  --ground: #f3f5f0;
  --surface: #ffffff;
  --sunken: #eceee8;
  --line: #d9dfd5;
  --edge: #7f8c82;
  --ink: #18211b;
  --quiet: #56635a;
  --accent: #1d6b45;
  --accent-soft: #e2f0e7;
  --doubtful: #8a5600;
  --doubtful-soft: #fdf1dc;
  --wrong: #b3261e;
  --wrong-soft: #fdeae8;
  --shadow: 0 1px 2px rgb(24 33 27 / 6%), 0 4px 16px rgb(24 33 27 / 4%);
  --radius: 14px;
  --small: 0.8125rem;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101512;
    --surface: #18201b;
    --sunken: #121814;
    --line: #2b362f;
    --edge: #76857b;
    --ink: #e7ede8;
    --quiet: #a0afa5;
    --accent: #7ed3a4;
    --accent-soft: #1c3427;
    --doubtful: #edb95e;
    --doubtful-soft: #352a14;
    --wrong: #ff9189;
    --wrong-soft: #3b1d1b;
    --shadow: none;
  }
}`

const page = `
*, *::before, *::after { box-sizing: border-box; }
html { font: 400 1rem / 1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; scroll-padding-top: 1rem; }
body { margin: 0 auto; max-width: 76rem; padding: 0 clamp(0.875rem, 3vw, 2rem) 4rem; background: var(--ground); color: var(--ink); -webkit-text-size-adjust: 100%; }
h1, h2, h4, p, ul, dl, dd, pre { margin: 0; padding: 0; }
ul { list-style: none; }
a { color: var(--accent); }
code, pre, var { font-family: var(--mono); font-size: var(--small); font-style: normal; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 0.5rem; padding: 0.25rem 0.75rem; background: var(--surface); }

header { padding: 1.25rem 0 1.5rem; }
.brand { display: flex; align-items: center; gap: 0.5rem; color: var(--quiet); font-size: var(--small); }
.brand a { display: inline-flex; align-items: center; gap: 0.5rem; color: var(--ink); font-size: 1.25rem; font-weight: 700; letter-spacing: -0.02em; text-decoration: none; }
.brand svg { fill: var(--accent); }
h1 { margin: 1.25rem 0 0.5rem; font-size: 1.75rem; font-weight: 700; letter-spacing: -0.02em; }
.about { max-width: 46rem; color: var(--quiet); }
.about p + p, .about + .about { margin-top: 0.5rem; }

.columns { display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: 2rem; align-items: start; }
nav { position: sticky; top: 1rem; max-height: calc(100vh - 2rem); overflow-y: auto; }
nav a { display: flex; justify-content: space-between; gap: 0.5rem; padding: 0.25rem 0.625rem; border-radius: 8px; color: var(--ink); text-decoration: none; }
nav a:hover { background: var(--accent-soft); }
nav small { color: var(--quiet); font-variant-numeric: tabular-nums; }
section { margin-bottom: 2rem; }
h2 { margin-bottom: 0.5rem; font-size: 1.0625rem; font-weight: 650; }

.route { margin-bottom: 0.5rem; background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); box-shadow: var(--shadow); }
.route:target { border-color: var(--accent); }
summary { display: grid; grid-template-columns: 4.25rem minmax(0, 1fr) auto; align-items: baseline; gap: 0 0.75rem; padding: 0.625rem 1rem; border-radius: var(--radius); cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary:hover .path { color: var(--accent); }
.method { font: 650 0.6875rem / 1.6 var(--mono); text-align: center; letter-spacing: 0.03em; border-radius: 6px; background: var(--sunken); color: var(--ink); }
.get { background: var(--accent-soft); color: var(--accent); }
.post, .put, .patch { background: var(--doubtful-soft); color: var(--doubtful); }
.delete { background: var(--wrong-soft); color: var(--wrong); }
.path { font-size: 0.9375rem; font-weight: 600; overflow-wrap: anywhere; }
.path var { font-size: inherit; font-weight: 400; color: var(--quiet); }
.does { grid-column: 2 / -1; color: var(--quiet); }
.role { font-size: 0.75rem; color: var(--quiet); border: 1px solid var(--line); border-radius: 99px; padding: 0 0.5rem; }
.role.operator { color: var(--doubtful); border-color: currentcolor; }
.role.admin { color: var(--wrong); border-color: currentcolor; }
.role.viewer { color: var(--accent); border-color: currentcolor; }

.inside { padding: 0.25rem 1rem 1rem; border-top: 1px solid var(--line); }
.inside > p { margin-top: 0.75rem; max-width: 46rem; }
.curl { margin-top: 0.75rem; padding: 0.625rem 0.75rem; background: var(--sunken); border: 1px solid var(--line); border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; -webkit-user-select: all; cursor: copy; }
h4 { margin: 1.125rem 0 0.375rem; font-size: var(--small); font-weight: 650; color: var(--quiet); }
h4 small { font: 400 0.75rem var(--mono); }
.status { font-family: var(--mono); font-size: var(--small); font-weight: 600; color: var(--ink); }

.fields { border-top: 1px solid var(--line); }
.fields li { border-bottom: 1px solid var(--line); }
.fields .fields { margin-left: 0.625rem; border-left: 2px solid var(--line); border-top: 1px solid var(--line); }
.fields .fields > li { padding-left: 0.75rem; }
.fields .fields > li:last-child { border-bottom: 0; }
.field { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.5rem; padding: 0.3125rem 0; }
.name { font-weight: 600; overflow-wrap: anywhere; }
.kind, .mark { font-size: var(--small); color: var(--quiet); }
.mark::before { content: "· "; }
.word { padding: 0 0.3125rem; background: var(--sunken); border-radius: 5px; overflow-wrap: anywhere; }
.said { flex: 1 1 16rem; text-align: right; font-size: 0.875rem; }
.pattern { flex-basis: 100%; color: var(--quiet); overflow-wrap: anywhere; }
.refusals { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0.125rem 0.75rem; font-size: 0.875rem; color: var(--quiet); }
.refusals dt { line-height: 1.5rem; }
.refusals code { color: var(--ink); }

@media (max-width: 48rem) {
  .columns { display: block; }
  nav { position: static; max-height: none; margin-bottom: 1.25rem; }
  nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem; }
  nav a { background: var(--surface); border: 1px solid var(--line); }
  summary { grid-template-columns: auto minmax(0, 1fr); padding: 0.625rem 0.75rem; }
  summary .method { padding: 0 0.5rem; justify-self: start; }
  summary .role { grid-row: 1; grid-column: 2; justify-self: end; }
  summary .path, summary .does { grid-column: 1 / -1; }
  .inside { padding: 0.25rem 0.75rem 0.75rem; }
  .said { flex-basis: 100%; text-align: left; }
}
@media print { .curl { border: 0; } nav { display: none; } }
`

export const pageStyle = `${theme}\n${page}`
