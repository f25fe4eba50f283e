/** How the documents look: one file that needs nothing else, on a screen by day and by night, and on paper. */

const sheet = `
*{box-sizing:border-box}
body{margin:0;background:var(--canvas);color:var(--text);font:14px/1.5 system-ui,-apple-system,"Segoe UI","Noto Sans",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
main{max-width:58rem;margin:0 auto;padding:2rem 2.5rem 3rem;background:var(--panel);min-height:100vh}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .75rem}
h2{font-size:1.15rem;line-height:1.3;margin:2.25rem 0 .6rem;padding-top:.75rem;border-top:1px solid var(--line)}
h3{font-size:1rem;line-height:1.4;margin:1.6rem 0 .35rem}
p{margin:.4rem 0}
ul{margin:.4rem 0;padding-left:1.25rem}
li{margin:.15rem 0}
pre,code{font-family:ui-monospace,"SF Mono","Cascadia Mono","DejaVu Sans Mono",Consolas,monospace;font-size:.87em}
pre{margin:.2rem 0 .6rem;padding:.6rem .75rem;background:var(--inset);border:1px solid var(--line);border-radius:5px;white-space:pre-wrap;overflow-wrap:anywhere}
code{background:var(--inset);border-radius:3px;padding:0 .2em}
img{max-width:100%;border:1px solid var(--line);border-radius:5px}
figure{margin:.4rem 0}
figcaption,.label{color:var(--dim);font-size:.92em;margin-top:.5rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.2rem .9rem .2rem 0}
.facts th{width:11rem;font-weight:400;color:var(--dim)}
.log{font-size:.92em}
.log th,.log td{border-bottom:1px solid var(--line);padding:.3rem .75rem .3rem 0}
.log thead th{color:var(--dim);font-weight:400}
.log :is(th,td):is(:nth-child(1),:nth-child(3),:nth-child(5)){white-space:nowrap;overflow-wrap:normal}
.log td:nth-child(2){min-width:12rem}
.state{font-weight:600;font-size:.8em;padding:.1em .5em;border-radius:3px;border:1px solid var(--line);white-space:nowrap;margin-left:.4em;vertical-align:.1em}
.banner{margin:.5rem 0;padding:.6rem .8rem;border-radius:5px;border:1px solid;font-weight:600}
.checks{list-style:none;padding-left:0}
.checks b{display:inline-block;min-width:6.2rem}
.ok{color:var(--ok)}.warn{color:var(--warn)}.critical{color:var(--critical)}.unknown{color:var(--unknown);border-style:dashed}.skipped{color:var(--dim)}.running{color:var(--accent)}
.state.ok,.banner.ok,.state.warn,.banner.warn,.state.critical,.banner.critical,.state.unknown,.banner.unknown,.state.running,.banner.running{border-color:currentColor}
`;

const light = '--canvas:#f3f4f6;--panel:#fff;--inset:#f7f8f9;--text:#15181c;--dim:#5a626d;--line:#d3d7dd;--ok:#17693a;--warn:#865000;--critical:#b02219;--unknown:#683ba6;--accent:#2451ba';
const dark = '--canvas:#0f1113;--panel:#16181b;--inset:#1b1e22;--text:#eceef1;--dim:#98a0ab;--line:#32383f;--ok:#67c78e;--warn:#e4ad52;--critical:#f78b82;--unknown:#bda2f3;--accent:#8fb0fa';

/** Page numbers stand where the browser knows of margin boxes; elsewhere it prints its own. */
const pages = '@page{margin:16mm 14mm 18mm;@bottom-right{content:counter(page) " / " counter(pages);font:9pt system-ui,sans-serif}}';

export const reportStyle = `:root{color-scheme:light dark;${light}}@media (prefers-color-scheme:dark){:root{${dark}}}${sheet}${pages}@media print{:root{${light};--canvas:#fff}body{font-size:10pt}main{max-width:none;padding:0}h1,h2,h3,.label{break-after:avoid}li,tr,.banner{break-inside:avoid}}`;

/** Black on white, whatever the screen is like: it is made to be written on. */
export const checklistStyle = `:root{color-scheme:light;--canvas:#fff;--panel:#fff;--inset:#fff;--text:#000;--dim:#333;--line:#888;--ok:#000;--warn:#000;--critical:#000;--unknown:#000;--accent:#000}${sheet}
h2{border-top:2px solid #000}
.step{display:grid;grid-template-columns:1.9rem 1fr;margin:.9rem 0;break-inside:avoid}
.step.long{break-inside:auto}
.step h3{margin:0}
.box{display:inline-block;width:1.05rem;height:1.05rem;border:1.5px solid #000;border-radius:2px;margin-top:.2rem;text-align:center;font:700 .95rem/1rem system-ui,sans-serif}
.small{width:.85rem;height:.85rem;margin:0 .4rem 0 0;vertical-align:-.1rem;font-size:.75rem;line-height:.8rem}
.step ul{list-style:none;padding-left:0}
.risk{font-weight:700}
.blank{display:flex;align-items:flex-end;gap:.5rem;margin:.55rem 0 0;color:#333;font-size:.92em;min-height:1.5rem}
.blank i{flex:1;border-bottom:1px solid #666;min-width:3rem}
pre{border-color:#666}
${pages}@media print{body{font-size:10pt}main{max-width:none;padding:0}h1,h2,h3,.label{break-after:avoid}li,tr{break-inside:avoid}}`;
