// Draws each figure of class "chart" from the cells of its own table, in the colors of the theme.
(() => {
  "use strict";
  const drawn = new Map();
  const probe = document.createElement("span");

  // A token may be a pair for light and dark: the browser resolves it on an element.
  function color(token) {
    document.body.append(probe);
    probe.style.color = `var(--${token})`;
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  }
  const faint = (shade, share) => shade.replace(/^rgba?\(([^)]+)\)$/, (_, parts) => `rgba(${parts.split(",").slice(0, 3)}, ${share})`);

  const formats = {
    number: (value) => value.toLocaleString("en", { notation: value >= 1e5 ? "compact" : "standard", maximumFractionDigits: 1 }),
    seconds(value) {
      const short = (figure, unit) => `${figure.toLocaleString("en", { maximumFractionDigits: 1 })} ${unit}`;
      if (value < 1) return short(Math.round(value * 1000), "ms");
      if (value < 60) return short(value, "s");
      return value < 3600 ? short(value / 60, "min") : short(value / 3600, "h");
    },
  };

  // Steps between two lines: whole numbers of things, and round lengths of time.
  const decades = (from, count) => Array.from({ length: count }, (_, power) => [1, 2, 5].map((step) => step * 10 ** (from + power))).flat();
  const steps = {
    number: decades(0, 13),
    seconds: [...decades(-3, 4).filter((step) => step <= 20), 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18000, 36000, 86400],
  };
  const inUTC = (time, shape) => new Date(time * 1000).toLocaleString("en-GB", { timeZone: "UTC", ...shape });
  const DAY = { day: "numeric", month: "short" }, HOUR = { hour: "2-digit", minute: "2-digit" };

  function read(figure) {
    const heads = [...figure.querySelectorAll("thead th[data-tone]")];
    const rows = [...figure.querySelectorAll("tbody tr")];
    const number = (cell) => (cell.dataset.value === "" ? null : Number(cell.dataset.value));
    return {
      times: rows.map((row) => Date.parse(row.querySelector("time").dateTime) / 1000),
      series: heads.map((head, at) => ({
        label: head.textContent,
        tone: head.dataset.tone,
        values: rows.map((row) => number(row.querySelectorAll("td")[at])),
      })),
    };
  }

  function draw(figure) {
    const plot = figure.querySelector("[data-plot]");
    if (!plot) return;
    drawn.get(figure)?.destroy();
    const { times, series } = read(figure);
    const bars = figure.dataset.chart === "bars";
    const format = formats[figure.dataset.unit];
    const sums = times.map(() => 0);
    let columns = series.map((one) => ({
      ...one,
      // Bars stand on each other: each reaches up to the sum so far, and the tallest is drawn first.
      heights: bars ? one.values.map((value, at) => (sums[at] += value ?? 0)) : one.values,
    }));
    if (bars) columns = columns.reverse();
    const axis = {
      stroke: color("quiet"), font: "12px system-ui, sans-serif",
      grid: { stroke: color("line"), width: 1 }, ticks: { show: false },
    };
    const options = {
      width: plot.clientWidth,
      height: 200,
      // The newest bucket has its place, too: what begins at a time stands to the right of it.
      scales: { x: { range: (_, first, last) => [first, last + (times[1] - times[0] || 3600)] }, y: { range: (_, low, high) => [0, high > 0 ? high * 1.1 : 1] } },
      cursor: { drag: { x: false, y: false }, y: false },
      tzDate: (time) => uPlot.tzDate(new Date(time * 1000), "Etc/UTC"),
      axes: [{ ...axis, grid: { show: false }, values: (_, ticks) => ticks.map((tick) => inUTC(tick, tick % 86400 ? HOUR : DAY)) }, { ...axis, size: 64, incrs: steps[figure.dataset.unit], values: (_, ticks) => ticks.map(format) }],
      series: [
        { label: "From", value: (_, time) => (time == null ? "" : `${inUTC(time, { ...DAY, ...HOUR })} UTC`) },
        ...columns.map((column) => {
          const shade = color(column.tone);
          return {
            label: column.label,
            stroke: shade,
            fill: bars ? shade : faint(shade, 0.08),
            width: bars ? 0 : 1.75,
            paths: bars ? uPlot.paths.bars({ size: [0.7, 36], align: 1 }) : undefined,
            points: { show: !bars && column.values.filter((value) => value !== null).length < 40, size: 5, fill: shade },
            spanGaps: true,
            value: (_, __, ___, at) => (at == null || column.values[at] == null ? "–" : format(column.values[at])),
          };
        }),
      ],
    };
    plot.replaceChildren();
    drawn.set(figure, new uPlot(options, [times, ...columns.map((column) => column.heights)], plot));
    resizing.observe(plot);
  }

  const resizing = new ResizeObserver((entries) => {
    for (const { target } of entries) drawn.get(target.closest(".chart"))?.setSize({ width: target.clientWidth, height: 200 });
  });
  const drawAll = (root) => root.querySelectorAll("figure.chart").forEach(draw);
  const redraw = () => [...drawn.keys()].forEach((figure) => (figure.isConnected ? draw(figure) : drawn.delete(figure)));

  document.addEventListener("htmx:load", (event) => drawAll(event.detail.elt.parentElement ?? document));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  drawAll(document);
})();
