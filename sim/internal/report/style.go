package report

// pictureStyle has plain colours first, for readers that know no media queries. They are
// those of package timeline: text has a contrast of 4.5 at least to what is behind it.
const pictureStyle = `
text { font: 12px ui-sans-serif, system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328 }
.page { fill: #ffffff }
.head { font-weight: 600; font-size: 15px }
.tick, .place, .event, .packet-label { fill: #59636e }
.packet-label { font-size: 11px }
.task { font-weight: 600 }
.lifeline { stroke: #8c959f; fill: none }
.grid { stroke: #d1d9e0; fill: none }
.gap { stroke: #9a6700; stroke-width: 2; stroke-dasharray: 2 5; fill: none }
.step { fill: #d6e9ff; stroke: #54aeff; stroke-width: .8 }
.chosen { fill: #fff3c4; stroke: #9a6700; stroke-width: 1.6 }
.note { fill: #6b4700; font-weight: 600 }
.note-line { stroke: #9a6700; stroke-dasharray: 3 3; fill: none }
.packet { stroke: #1a7f37; stroke-width: 1.4; fill: none }
.packet.lost { stroke: #c01c28; stroke-dasharray: 5 3 }
.packet.bad { stroke: #c01c28 }
.packet.pending { stroke-dasharray: 1 4 }
.point { fill: #1a7f37 }
.point.bad { fill: #c01c28 }
.end { fill: #1a7f37 }
.cross { stroke: #c01c28; stroke-width: 2.2; fill: none }
.mark { fill: #59636e }
.mark.bad { fill: #c01c28 }
.off { fill: #c01c28; fill-opacity: .13 }
.paused { fill: #9a6700; fill-opacity: .15 }
.cut { fill: #8250df; fill-opacity: .1 }
.fails { stroke: #c01c28; stroke-width: 2.5; fill: #c01c28 }
.fail { fill: #c01c28; font-weight: 600 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.page { fill: #0d1117 }
.tick, .place, .event, .packet-label { fill: #9198a1 }
.lifeline { stroke: #6e7681 }
.grid { stroke: #30363d }
.step { fill: #0c2d52; stroke: #388bfd }
.chosen { fill: #3a2d0a; stroke: #d29922 }
.note { fill: #f2cc60 }
.note-line, .gap { stroke: #d29922 }
.packet { stroke: #3fb950 }
.point, .end { fill: #3fb950 }
.packet.lost, .packet.bad, .cross { stroke: #ff7b72 }
.point.bad, .mark.bad { fill: #ff7b72 }
.mark { fill: #9198a1 }
.off { fill: #ff7b72; fill-opacity: .2 }
.paused { fill: #d29922; fill-opacity: .2 }
.cut { fill: #a371f7; fill-opacity: .16 }
.fails { stroke: #ff7b72; fill: #ff7b72 }
.fail { fill: #ff7b72 }
}
`

// pageStyle is for what is around the picture in a page.
const pageStyle = `
:root { color-scheme: light dark }
body { margin: 0; height: 100vh; display: flex; flex-direction: column; font: 14px ui-sans-serif, system-ui, "Segoe UI", "DejaVu Sans", sans-serif; background: #ffffff; color: #1f2328 }
header { padding: 12px 20px; border-bottom: 1px solid #d1d9e0 }
h1 { font-size: 17px; margin: 0 0 4px }
p { margin: 2px 0 }
.error { color: #c01c28; font-weight: 600; white-space: pre-wrap }
.keys { color: #59636e }
main { flex: 1; overflow: auto; position: relative }
main:focus { outline: none; border-top: 2px solid #54aeff }
.heads { position: sticky; top: 0; display: block; z-index: 1 }
.body { display: block }
pre { overflow: auto; max-height: 40vh; font: 12px ui-monospace, "DejaVu Sans Mono", monospace }
@media (prefers-color-scheme: dark) {
body { background: #0d1117; color: #e6edf3 }
header { border-color: #30363d }
.error { color: #ff7b72 }
.keys { color: #9198a1 }
}
`
