const ARROW = "M12 4l-1.4 1.4 5.6 5.6H4v2h12.2l-5.6 5.6L12 20l8-8z"

function element(tag, names, text) {
  const made = document.createElement(tag)
  if (names) made.className = names
  if (text != null) made.textContent = text
  if (tag === "button") made.type = "button"
  return made
}

function line(first, last, names = "") {
  const made = element("div", `line ${names}`)
  made.append(first, last)
  return made
}

function arrow() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path")
  svg.setAttribute("viewBox", "0 0 24 24")
  svg.setAttribute("aria-hidden", "true")
  path.setAttribute("d", ARROW)
  svg.append(path)
  return svg
}

function step(card, words) {
  if (!card.next) return element("div", "small quiet", words.nothing)
  const made = line(element("span", "cut", card.next), element("span", "number", card.when), card.late ? "small warning" : "small")
  made.title = card.next
  return made
}

export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(".board")
  if (!root) {
    root = element("div", "board")
    parentElement.append(root)
  }
  const { stages, words } = data
  const ask = (what, card, to) => setTriggerValue("asked", { what, card: card ?? null, to: to ?? null })
  const scrolled = new Map([...root.querySelectorAll(".cards")].map((one) => [one.dataset.stage, one.scrollTop]))
  const across = root.querySelector(".columns")?.scrollLeft ?? 0
  const held = root.dataset.held

  const menu = element("div", "menu")
  menu.popover = "auto"
  menu.setAttribute("role", "menu")
  menu.onkeydown = (event) => {
    const items = [...menu.querySelectorAll("button")]
    const now = items.indexOf(menu.getRootNode().activeElement)
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: items.length - 1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    items[(to + items.length) % items.length].focus()
  }

  const send = (card, to) => {
    root.dataset.held = card.id
    root.querySelector(`.card[data-id="${card.id}"]`)?.classList.add("moving")
    ask("move", card.id, to)
  }

  const openMenu = (card, position, button) => {
    const item = (text, names, chosen) => {
      const made = element("button", names, text)
      made.setAttribute("role", "menuitem")
      made.onclick = () => { menu.hidePopover(); chosen() }
      return made
    }
    const others = stages.filter((_, place) => place !== position && place !== position + 1)
    const next = stages[position + 1]
    menu.replaceChildren(
      ...(next ? [item(next.title, "first", () => send(card, next.id)), element("hr")] : []),
      ...others.map((stage) => item(stage.title, "", () => send(card, stage.id))),
      element("hr"),
      item(words.log, "", () => ask("log", card.id)),
      item(words.win, "", () => ask("win", card.id)),
      item(words.lose, "", () => ask("lose", card.id)),
    )
    menu.setAttribute("aria-label", `${words.move}: ${card.name}`)
    menu.showPopover()
    const at = button.getBoundingClientRect()
    menu.style.left = `${Math.max(8, Math.min(at.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8))}px`
    menu.style.top = `${Math.max(8, Math.min(at.bottom + 4, innerHeight - menu.offsetHeight - 8))}px`
    menu.querySelector("button").focus()
  }

  const drawCard = (card, position) => {
    const made = element("article", card.wrong.length ? "card wrong" : "card")
    made.dataset.id = card.id
    const name = element("button", "title", card.name)
    name.title = card.name
    name.onclick = () => ask("open", card.id)
    const top = element("div", "line")
    top.append(name)
    if (card.mine) {
      const button = element("button", "move")
      button.append(arrow())
      button.title = words.move
      button.setAttribute("aria-label", `${words.move}: ${card.name}`)
      button.setAttribute("aria-haspopup", "menu")
      button.onclick = () => openMenu(card, position, button)
      top.append(button)
      made.draggable = true
      made.ondragstart = (event) => {
        event.dataTransfer.setData("text/plain", card.id)
        event.dataTransfer.effectAllowed = "move"
        made.classList.add("dragged")
      }
      made.ondragend = () => made.classList.remove("dragged")
      made.onkeydown = (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
        const to = event.altKey && step && stages[position + step]
        if (to) { event.preventDefault(); send(card, to.id) }
      }
    }
    const days = element("span", "small quiet number", card.days)
    days.title = words.days
    made.append(
      top,
      element("div", "small quiet cut", card.customer),
      line(element("span", "number", card.amount), element("span", "number quiet", card.chance)),
      step(card, words),
      line(element("span", "small quiet cut", card.owner), days),
      ...card.wrong.map((text) => element("div", "small warning", text)),
    )
    return made
  }

  const drawStage = (stage, position) => {
    const made = element("section", "column")
    made.dataset.stage = stage.id
    made.setAttribute("aria-label", stage.title)
    const title = element("button", "title cut", stage.title)
    title.title = stage.title
    title.onclick = () => ask("more", null, stage.id)
    const header = element("header")
    header.append(
      line(title, element("span", "number quiet", stage.count)),
      line(element("span", "number", stage.amount), element("span", "number quiet", stage.weighted), "small"),
    )
    header.lastChild.title = words.sums
    const cards = element("div", "cards")
    cards.dataset.stage = stage.id
    cards.append(...stage.cards.map((card) => drawCard(card, position)))
    made.append(header, cards)
    if (stage.more) {
      const more = element("button", "more small", stage.more)
      more.onclick = () => ask("more", null, stage.id)
      made.append(more)
    }
    made.ondragover = (event) => { event.preventDefault(); made.classList.add("over") }
    made.ondragleave = (event) => { if (!made.contains(event.relatedTarget)) made.classList.remove("over") }
    made.ondrop = (event) => {
      event.preventDefault()
      made.classList.remove("over")
      const id = event.dataTransfer.getData("text/plain")
      const from = stages.find((one) => one.cards.some((card) => card.id === id))
      if (!from || from === stage) return
      cards.prepend(root.querySelector(`.card[data-id="${id}"]`))
      send({ id }, stage.id)
    }
    return made
  }

  const columns = element("div", "columns")
  columns.append(...stages.map(drawStage))

  // On a phone one stage at a time.
  const chooser = element("label", "chooser")
  const select = element("select")
  select.setAttribute("aria-label", words.stage)
  select.append(...stages.map((stage) => new Option(`${stage.title} · ${stage.count} · ${stage.amount}`, stage.id)))
  const choose = (id) => {
    root.dataset.current = select.value = id
    for (const one of columns.children) one.classList.toggle("current", one.dataset.stage === id)
  }
  select.onchange = () => choose(select.value)
  chooser.append(select)
  const first = stages.find((stage) => stage.cards.length) ?? stages[0]
  choose(stages.some((stage) => stage.id === root.dataset.current) ? root.dataset.current : first?.id)

  root.replaceChildren(chooser, columns, menu)
  columns.scrollLeft = across
  for (const one of root.querySelectorAll(".cards")) one.scrollTop = scrolled.get(one.dataset.stage) ?? 0
  if (held) {
    delete root.dataset.held
    root.querySelector(`.card[data-id="${held}"] .title`)?.focus({ preventScroll: true })
  }
}
