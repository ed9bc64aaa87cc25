// Charts over time, by uPlot, in the colours of the page.

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { color } from "./theme.ts";
import { duration, visible } from "./text.ts";

export interface Line {
  name: string;
  /** color is a name of the style sheet; dash tells lines apart without colours. */
  color: string;
  dash?: number[];
  fill?: boolean;
  values: (number | null)[];
}

export interface ChartProps {
  title: string;
  explained: string;
  /** at is in seconds; wall tells that they are times of day. */
  at: number[];
  wall: boolean;
  lines: Line[];
  unit: "percent" | "duration" | "count";
}

export function Chart(props: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const make = () => {
      plot.current?.destroy();
      plot.current = new uPlot(options(latest.current, element.clientWidth), data(latest.current), element);
    };
    make();
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    document.addEventListener("themechange", make);
    return () => {
      resized.disconnect();
      document.removeEventListener("themechange", make);
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => {
    plot.current?.setData(data(props));
    if (plot.current) newest(plot.current);
  });
  return (
    <figure class="chart card">
      <figcaption><h3>{props.title}</h3><p class="faint">{props.explained}</p></figcaption>
      <div ref={host} class="plot" role="img" aria-label={`${props.title}. ${spoken(props)}`} />
    </figure>
  );
}

const height = 180;

/** newest has the legend tell the last values while nobody points at others. */
function newest(u: uPlot): void {
  if (u.cursor.idx === null || u.cursor.idx === undefined) u.setLegend({ idx: u.data[0].length - 1 }, false);
}

function data(p: ChartProps): uPlot.AlignedData {
  return [p.at, ...p.lines.map((l) => l.values)];
}

/** moment is a time of the axis: of day, or since the start. */
function moment(p: ChartProps, t: number): string {
  if (p.wall) return new Date(t * 1000).toLocaleTimeString("en-GB");
  return t ? duration(t * 1e9) : "0";
}

function written(p: ChartProps, x: number): string {
  if (p.unit === "duration") return duration(x);
  return p.unit === "percent" ? `${x < 10 ? x.toFixed(1) : x.toFixed(0)} %` : x.toLocaleString("en");
}

/** spoken is the newest value of each line. */
function spoken(p: ChartProps): string {
  return p.lines.map((l) => {
    const last = l.values.findLast((v) => v !== null);
    return `${l.name}: ${last === undefined || last === null ? "unknown" : written(p, last)}`;
  }).join(", ");
}

function options(p: ChartProps, width: number): uPlot.Options {
  const faint = color("faint");
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const axis: uPlot.Axis = { stroke: faint, font, grid: { stroke: color("line"), width: 1 }, ticks: { stroke: color("line"), width: 1, size: 4 } };
  return {
    width,
    height,
    scales: { x: { time: p.wall }, y: scale(p) },
    axes: [
      { ...axis, size: 30, space: 84, values: (_, ticks) => ticks.map((t) => moment(p, t)) },
      { ...axis, size: 66, ...(p.unit === "duration" ? { grid: { ...axis.grid, filter: decades }, ticks: { ...axis.ticks, filter: decades } } : {}), values: (_, ticks) => ticks.map((t) => (t === null ? "" : written(p, t))) },
    ],
    series: [{ label: "time", value: (_, t) => (t === null ? "\u2014" : moment(p, t)) }, ...p.lines.map((l) => line(p, l))],
    cursor: { points: { size: 7 }, drag: { x: false, y: false } },
    legend: { live: true, markers: { width: 3 } },
    hooks: { setCursor: [newest], ready: [newest] },
    padding: [10, 12, 0, 0],
  };
}

/** decades leaves of the marks of a logarithmic axis those at powers of ten. */
function decades(_: uPlot, splits: number[]): (number | null)[] {
  return splits.map((v) => (Math.abs(Math.log10(v) - Math.round(Math.log10(v))) < 1e-6 ? v : null));
}

function scale(p: ChartProps): uPlot.Scale {
  if (p.unit === "percent") return { range: [0, 100] };
  if (p.unit === "count") return { range: (_, __, max) => [0, Math.max(4, Math.ceil(max * 1.1))] };
  // Durations differ by powers of ten; a microsecond and a second must both be seen.
  return {
    distr: 3,
    range: (_, min, max) => (min > 0 && max > 0 ? [10 ** Math.floor(Math.log10(min)), Math.max(10 ** Math.ceil(Math.log10(max)), 10 ** (Math.floor(Math.log10(min)) + 1))] : [1e3, 1e6]),
  };
}

function line(p: ChartProps, l: Line): uPlot.Series {
  const stroke = color(l.color);
  return {
    label: visible(l.name),
    stroke,
    width: 1.8,
    points: { show: p.at.length < 3 },
    spanGaps: false,
    ...(l.dash ? { dash: l.dash } : {}),
    ...(l.fill ? { fill: `color-mix(in srgb, ${stroke} 18%, transparent)` } : {}),
    value: (_, v) => (v === null ? "\u2014" : written(p, v)),
  };
}
