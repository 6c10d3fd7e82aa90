// Tables of class `sortable` are sorted by a click on a column's head: numbers by value, the best guess first.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const original = [...body.rows];
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    head.tabIndex = 0;
    head.setAttribute("role", "button");
    head.title ||= "sort";
    const sort = () => {
      const turn = { none: "ascending", ascending: "descending", descending: "none" };
      const order = turn[head.getAttribute("aria-sort") ?? "none"];
      for (const other of table.tHead.rows[0].cells) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", order);
      body.append(...(order === "none" ? original : [...original].sort(by(column, order === "ascending" ? 1 : -1))));
    };
    head.addEventListener("click", sort);
    head.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      sort();
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
