package timeline

// class is the style of each kind in the stylesheet.
var class = [numKind]string{none: "none", runs: "runs", blocks: "blocks", held: "held", waits: "waits"}

// stylesheet has plain colours first, for readers that know no media queries.
// Each text colour has a contrast of at least 4.5 to what is behind it.
const stylesheet = `
text { font: 13px ui-sans-serif, system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328 }
.head { font-weight: 600; font-size: 15px }
.page { fill: #ffffff }
.tick { fill: #59636e }
.grid { stroke: #d1d9e0; fill: none }
.runs { fill: #1a7f37 }
.blocks { fill: #c01c28 }
.held { fill: #fff3c4; stroke: #9a6700; stroke-dasharray: 5 3 }
.waits { fill: #d6e9ff; stroke: #54aeff; stroke-width: .8 }
.on-blocks { fill: #ffffff; font-weight: 600 }
.on-held { fill: #6b4700 }
.on-waits { fill: #0550ae }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.page { fill: #0d1117 }
.tick { fill: #9198a1 }
.grid { stroke: #30363d }
.runs { fill: #3fb950 }
.blocks { fill: #da3633 }
.held { fill: #3a2d0a; stroke: #d29922 }
.waits { fill: #0c2d52; stroke: #388bfd }
.on-blocks { fill: #ffffff }
.on-held { fill: #f2cc60 }
.on-waits { fill: #a5d0ff }
}
`
