// Graphs, drawn from the table on the page; the picture can be downloaded.
(() => {
  "use strict";

  const drawn = new WeakSet();

  function colours(count) {
    const dark = document.documentElement.dataset.bsTheme === "dark";
    return Array.from({ length: count }, (_nothing, place) => `hsl(${(172 + place * 47) % 360} 55% ${dark ? 60 : 36}%)`);
  }

  // The same size from every screen, with a title and a ground of its own, fit for a report.
  function pictureOf(chart, frame) {
    const SHARP = 2;
    const WIDTH = 800;
    const HEIGHT = 450;
    const EDGE = 24;
    const HEAD = 56;
    const paper = document.createElement("canvas");
    paper.width = WIDTH * SHARP;
    paper.height = HEIGHT * SHARP;
    const pen = paper.getContext("2d");
    pen.scale(SHARP, SHARP);
    pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--app-surface") || "#fff";
    pen.fillRect(0, 0, WIDTH, HEIGHT);
    pen.fillStyle = Chart.defaults.color;
    pen.font = `600 18px ${Chart.defaults.font.family}`;
    pen.fillText(frame.dataset.title, EDGE, EDGE + 14);
    pen.font = `13px ${Chart.defaults.font.family}`;
    pen.fillText(frame.dataset.day, EDGE, EDGE + 36);
    chart.options.devicePixelRatio = SHARP;
    chart.resize(WIDTH - 2 * EDGE, HEIGHT - HEAD - 2 * EDGE);
    pen.drawImage(chart.canvas, EDGE, HEAD + EDGE, WIDTH - 2 * EDGE, HEIGHT - HEAD - 2 * EDGE);
    delete chart.options.devicePixelRatio;
    chart.resize();
    return paper.toDataURL("image/png");
  }

  function draw() {
    const frame = document.querySelector("[data-graph]");
    if (!frame || drawn.has(frame) || !window.Chart) return;
    drawn.add(frame);
    const rows = [...document.querySelectorAll("[data-figures] tbody tr")];
    const labels = rows.map((row) => row.cells[0].textContent.trim());
    const values = rows.map((row) => Number(row.cells[1].dataset.value));
    const style = getComputedStyle(document.body);
    const ink = style.color;
    const type = frame.dataset.graph;
    const isRound = type === "doughnut";
    Chart.defaults.color = ink;
    Chart.defaults.font.family = style.fontFamily;
    Chart.defaults.animation = false;
    const canvas = frame.querySelector("canvas");
    const chart = new Chart(canvas, {
      type,
      data: {
        labels,
        datasets: [{ label: frame.dataset.label, data: values, backgroundColor: isRound ? colours(values.length) : colours(1)[0], borderColor: isRound ? "transparent" : colours(1)[0], maxBarThickness: 56, tension: 0.2 }],
      },
      options: {
        maintainAspectRatio: false,
        plugins: { legend: { display: isRound, position: "bottom" } },
        scales: isRound ? {} : { y: { beginAtZero: true, ticks: { precision: 0 }, grid: { color: "rgb(128 128 128 / 20%)" } }, x: { grid: { display: false } } },
      },
    });
    const link = document.querySelector("[data-picture]");
    link.hidden = false;
    link.addEventListener("click", () => {
      link.href = pictureOf(chart, frame);
    });
  }

  document.addEventListener("htmx:afterSettle", draw);
  draw();
})();
