function element(tag, names, text) {
  const made = document.createElement(tag)
  if (names) made.className = names
  if (text != null) made.textContent = text
  return made
}

function line(row, pressed) {
  const made = element("tr")
  const name = element("td")
  const open = element("button", "", row.name)
  open.type = "button"
  const dot = element("span", `dot ${row.colour}`)
  dot.title = row.rule
  const told = element("div")
  told.append(dot, open)
  name.append(told)
  const bar = element("td", "bar")
  const filled = element("i", row.colour)
  filled.style.width = `calc((100% - 1rem) * ${row.part})`
  bar.append(filled, element("b", "", row.share))
  const change = element("td", row.trend, row.change)
  made.append(name, element("td", "", row.complaints), bar, element("td", "second", row.open), element("td", "second", row.previous), change)
  made.onclick = () => pressed(row.row)
  return made
}

export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(".ruled")
  if (!root) {
    root = element("div", "ruled")
    parentElement.append(root)
  }
  const table = element("table")
  const head = element("tr")
  const hidden = ["", "", "bar", "second", "second", ""]
  data.heads.forEach((text, place) => {
    const cell = element("th", hidden[place], text)
    cell.scope = "col"
    head.append(cell)
  })
  const top = element("thead")
  top.append(head)
  const body = element("tbody")
  body.append(...data.rows.map((row) => line(row, (place) => setTriggerValue("pressed", place))))
  const foot = element("tfoot")
  const sums = element("tr")
  data.total.forEach((text, place) => sums.append(element("td", hidden[place], text)))
  foot.append(sums)
  table.append(element("caption", "", data.told), top, body, foot)
  root.replaceChildren(table)
}
