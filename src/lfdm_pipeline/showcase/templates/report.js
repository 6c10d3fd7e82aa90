// Tables of class `sortable` are sorted by the buttons that their heads become: numbers by value, words by letters.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0]; // what stands in the foot stays below
  const original = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.title = "sort";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const turn = { none: "ascending", ascending: "descending", descending: "none" };
      const order = turn[head.getAttribute("aria-sort") ?? "none"];
      for (const other of heads) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", order);
      body.append(...(order === "none" ? original : [...original].sort(by(column, order === "ascending" ? 1 : -1))));
    });
  });
}

function by(column, sign) {
  return (a, b) => {
    const [x, y] = [a, b].map((row) => value(row.cells[column]));
    if (x === null || y === null) return (x === null) - (y === null); // what was not measured comes last
    return sign * (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y)));
  };
}

function value(cell) {
  const text = cell.dataset.value ?? cell.textContent.trim();
  if (text === "" || text === "None" || text === "–") return null;
  return Number.isNaN(Number(text)) ? text : Number(text);
}
