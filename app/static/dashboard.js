// Draws the charts of cards from the tables in them, as the cards come; again when light turns dark.
(() => {
  "use strict";

  if (!window.Chart) return;
  const drawn = new Map();
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const palette = () => ["--tblr-primary", "--app-orange", "--app-blue", "--app-red", "--app-grey", "--app-green"].map(colour);

  function draw(canvas) {
    const box = canvas.closest(".card");
    const table = box.querySelector(".chart-values table");
    const names = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent);
    const rows = [...table.tBodies[0].rows];
    const isRound = canvas.dataset.chart === "doughnut";
    const colours = palette();
    drawn.get(canvas)?.destroy();
    if (!drawn.has(canvas)) {
      canvas.parentElement.hidden = false;
      box.querySelector(".chart-values").open = false;
    }
    const grid = colour("--app-line");
    const ink = colour("--tblr-secondary");
    drawn.set(
      canvas,
      new window.Chart(canvas, {
        type: canvas.dataset.chart,
        data: {
          labels: rows.map((row) => row.cells[0].textContent),
          datasets: names.map((name, place) => ({
            label: name,
            data: rows.map((row) => Number(row.cells[place + 1].dataset.value)),
            backgroundColor: isRound ? rows.map((_row, index) => colours[index % colours.length]) : colours[place % colours.length],
            borderWidth: 0,
            borderRadius: isRound ? 0 : 4,
          })),
        },
        options: {
          animation: false,
          maintainAspectRatio: false,
          plugins: { legend: { display: isRound || names.length > 1, position: "bottom", labels: { color: ink, boxWidth: 12 } } },
          scales: isRound
            ? {}
            : {
                x: { grid: { display: false }, ticks: { color: ink } },
                y: { beginAtZero: true, grid: { color: grid }, ticks: { color: ink, precision: 0 } },
              },
        },
      }),
    );
  }

  function look() {
    for (const canvas of document.querySelectorAll("canvas[data-chart]")) if (!drawn.has(canvas)) draw(canvas);
  }

  new MutationObserver(look).observe(document.querySelector(".dashboard") || document.body, { childList: true, subtree: true });
  new MutationObserver(() => [...drawn.keys()].forEach(draw)).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  look();
})();
