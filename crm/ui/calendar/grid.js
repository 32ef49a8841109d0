const SHOWN = 4
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }
const ROW = 44
const LENGTH = 60

function element(tag, names, text) {
  const made = document.createElement(tag)
  if (names) made.className = names
  if (text != null) made.textContent = text
  if (tag === "button") made.type = "button"
  return made
}

function icon(name) {
  const made = element("span", "icon", name)
  made.setAttribute("aria-hidden", "true")
  made.translate = false
  return made
}

function minutesOf(time) {
  const [hours, minutes] = time.split(":").map(Number)
  return hours * 60 + minutes
}

// Entries that overlap stand side by side: each gets its lane, and how many lanes there are around it.
function lanes(entries) {
  const placed = []
  let together = []
  let end = -1
  const close = () => {
    const most = Math.max(...together.map((one) => one.lane)) + 1
    for (const one of together) one.of = most
    together = []
  }
  for (const entry of entries) {
    const from = minutesOf(entry.time)
    const one = { entry, from, until: from + (entry.minutes || LENGTH) }
    if (from >= end && together.length) close()
    const taken = new Set(together.filter((other) => other.until > from).map((other) => other.lane))
    one.lane = 0
    while (taken.has(one.lane)) one.lane += 1
    together.push(one)
    placed.push(one)
    end = Math.max(end, one.until)
  }
  if (together.length) close()
  return placed
}

export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(".calendar")
  if (!root) {
    root = element("div", "calendar")
    parentElement.append(root)
  }
  const { days, words, view, heads, first_hour: early, last_hour: late, may } = data
  const ask = (what, values = {}) => setTriggerValue("asked", { what, ...values })
  const scrolled = root.querySelector(".hours")?.scrollTop
  const focused = root.getRootNode().activeElement?.dataset
  const held = root.dataset.held ?? focused?.id
  const cell = focused?.day
  const all = days.flatMap((day) => day.entries)

  const move = (entry, day, time) => {
    root.dataset.held = entry.id
    for (const one of root.querySelectorAll(`[data-id="${entry.id}"]`)) one.classList.add("moving")
    ask("move", { id: entry.id, day, ...(time === undefined ? {} : { time }) })
  }

  const spoken = (entry, day) =>
    [entry.kind, day.title, entry.time, entry.title, entry.name, entry.who, entry.late && words.late, entry.done && words.done]
      .filter(Boolean).join(", ")

  const drawEntry = (entry, day, names = "") => {
    const made = element("button", `entry ${names}${entry.done ? " done" : ""}${entry.late ? " late" : ""}`)
    made.dataset.id = entry.id
    made.style.setProperty("--ink", data.colours[entry.group])
    made.title = spoken(entry, day)
    made.setAttribute("aria-label", made.title)
    made.append(icon(entry.done ? "check_circle" : entry.icon))
    if (entry.time) made.append(element("span", "time", entry.time), " ") // the words are read apart
    made.append(element("span", "what", entry.title))
    if (entry.name && names) made.append(" ", element("span", "name", entry.name))
    if (entry.who) made.append(" ", element("span", "who", entry.who))
    if (entry.checked) made.append(icon("where_to_vote"))
    made.onclick = (event) => { event.stopPropagation(); popover.hidePopover(); ask("open", { id: entry.id }) }
    if (!entry.movable) return made
    made.draggable = true
    made.ondragstart = (event) => {
      event.stopPropagation()
      event.dataTransfer.setData("text/plain", entry.id)
      event.dataTransfer.effectAllowed = "move"
      made.classList.add("dragged")
      setTimeout(() => popover.hidePopover())
    }
    made.ondragend = () => made.classList.remove("dragged")
    made.onkeydown = (event) => {
      const step = event.altKey && STEPS[event.key]
      if (!step) return
      event.preventDefault()
      event.stopPropagation()
      const to = new Date(`${day.iso}T00:00:00Z`)
      to.setUTCDate(to.getUTCDate() + step)
      move(entry, to.toISOString().slice(0, 10))
    }
    return made
  }

  const accept = (place, day, timeAt) => {
    place.ondragover = (event) => { event.preventDefault(); place.classList.add("over") }
    place.ondragleave = (event) => { if (!place.contains(event.relatedTarget)) place.classList.remove("over") }
    place.ondrop = (event) => {
      event.preventDefault()
      place.classList.remove("over")
      const entry = all.find((one) => one.id === event.dataTransfer.getData("text/plain"))
      const time = timeAt?.(event)
      if (!entry || (day.entries.includes(entry) && (time === undefined || time === entry.time))) return
      move(entry, day.iso, time)
    }
  }

  const popover = element("div", "popover")
  popover.popover = "auto"
  const openAll = (day, button) => {
    const close = element("button", "close", "close")
    close.setAttribute("aria-label", words.close)
    close.onclick = () => popover.hidePopover()
    const head = element("div", "line")
    head.append(element("strong", "", day.title), close)
    popover.replaceChildren(head, ...day.entries.map((entry) => drawEntry(entry, day, "full")))
    if (day.more) popover.append(element("div", "quiet", day.more))
    popover.setAttribute("aria-label", day.title)
    popover.showPopover()
    const at = button.getBoundingClientRect()
    popover.style.left = `${Math.max(8, Math.min(at.left, innerWidth - popover.offsetWidth - 8))}px`
    popover.style.top = `${Math.max(8, Math.min(at.top, innerHeight - popover.offsetHeight - 8))}px`
    popover.querySelector(".entry")?.focus()
  }

  const drawMore = (day, shown) => {
    const hidden = day.count - shown
    if (hidden <= 0) return []
    const made = element("button", "more", words.more.replace("{count}", hidden))
    made.onclick = (event) => { event.stopPropagation(); openAll(day, made) }
    made.setAttribute("aria-label", `${made.textContent}, ${day.title}`)
    return [made]
  }

  const drawHead = (day) => {
    const head = element("div", "head")
    head.append(element("span", "number", day.number))
    if (day.away) {
      const away = element("span", "away", day.away)
      away.title = day.away
      head.append(away)
    }
    if (may) {
      const plan = element("button", "plan", "add")
      plan.tabIndex = -1
      plan.setAttribute("aria-label", `${words.plan}: ${day.title}`)
      plan.title = words.plan
      plan.onclick = (event) => { event.stopPropagation(); ask("plan", { day: day.iso }) }
      head.append(plan)
    }
    return head
  }

  const marked = (day) => `${day.today ? " today" : ""}${day.off ? " off" : ""}${day.other ? " other" : ""}`

  // ------------------------------------------------------------------------------------------------ month

  const drawCell = (day) => {
    const made = element("div", `cell${marked(day)}`)
    made.dataset.day = day.iso
    made.setAttribute("role", "gridcell")
    made.setAttribute("aria-description", `${day.title}: ${day.spoken}`)
    if (day.today) made.setAttribute("aria-current", "date")
    made.tabIndex = -1
    const shown = day.entries.slice(0, day.entries.length > SHOWN ? SHOWN - 1 : SHOWN)
    made.append(drawHead(day), ...shown.map((entry) => drawEntry(entry, day)), ...drawMore(day, shown.length))
    if (may) made.onclick = () => ask("plan", { day: day.iso })
    if (may) accept(made, day)
    return made
  }

  const drawMonth = () => {
    const grid = element("div", "month")
    grid.setAttribute("role", "grid")
    grid.setAttribute("aria-label", data.title)
    const row = element("div", "row heads")
    row.setAttribute("role", "row")
    row.append(...heads.map((text) => {
      const head = element("div", "weekday", text)
      head.setAttribute("role", "columnheader")
      return head
    }))
    grid.append(row)
    for (let at = 0; at < days.length; at += 7) {
      const week = element("div", "row")
      week.setAttribute("role", "row")
      week.append(...days.slice(at, at + 7).map(drawCell))
      grid.append(week)
    }
    const cells = [...grid.querySelectorAll(".cell")]
    const first = cells.find((one) => one.classList.contains("today")) ?? cells.find((one) => !one.classList.contains("other"))
    if (first) first.tabIndex = 0
    grid.onkeydown = (event) => {
      const now = cells.indexOf(event.target)
      if (now < 0) return
      if (event.key === "Enter" && may) { event.preventDefault(); ask("plan", { day: cells[now].dataset.day }) }
      const to = STEPS[event.key] && cells[now + STEPS[event.key]]
      if (!to) return
      event.preventDefault()
      cells[now].tabIndex = -1
      to.tabIndex = 0
      to.focus()
    }
    return grid
  }

  // ------------------------------------------------------------------------------------------------- week

  const timeAt = (lane) => (event) => {
    const half = Math.floor(((event.clientY - lane.getBoundingClientRect().top) / ROW) * 2)
    const minutes = Math.min(Math.max(early * 60 + half * 30, 0), 24 * 60 - 30)
    return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`
  }

  const drawLane = (day) => {
    const made = element("div", `lane${marked(day)}`)
    made.style.height = `${(late - early) * ROW}px`
    const timed = day.entries.filter((entry) => entry.time)
    for (const one of lanes(timed)) {
      const long = one.until - one.from >= 50
      const entry = drawEntry(one.entry, day, long ? "timed" : "timed short")
      entry.style.top = `${((one.from - early * 60) / 60) * ROW}px`
      entry.style.height = `${Math.max(((one.until - one.from) / 60) * ROW - 2, 20)}px`
      entry.style.left = `${(one.lane / one.of) * 100}%`
      entry.style.width = `calc(${100 / one.of}% - 3px)`
      made.append(entry)
    }
    if (may) made.onclick = (event) => ask("plan", { day: day.iso, time: timeAt(made)(event) })
    if (may) accept(made, day, timeAt(made))
    return made
  }

  const drawWeek = () => {
    const made = element("div", "week")
    const head = element("div", "weekrow heads")
    head.append(element("div", "corner"), ...days.map((day, at) => {
      const one = element("div", `weekhead${marked(day)}`)
      one.append(element("span", "weekday", heads[at]), drawHead(day))
      return one
    }))
    const whole = element("div", "weekrow whole")
    whole.append(element("div", "corner quiet", words.whole), ...days.map((day) => {
      const cell = element("div", `cell${marked(day)}`)
      const untimed = day.entries.filter((entry) => !entry.time)
      const shown = untimed.slice(0, untimed.length > 8 ? 7 : 8)
      const timed = day.entries.length - untimed.length
      cell.append(...shown.map((entry) => drawEntry(entry, day)), ...drawMore(day, shown.length + timed))
      if (may) cell.onclick = () => ask("plan", { day: day.iso })
      if (may) accept(cell, day, () => null)
      return cell
    }))
    const hours = element("div", "hours")
    hours.tabIndex = 0 // the arrows scroll it
    const row = element("div", "weekrow")
    const scale = element("div", "corner scale")
    for (let hour = early; hour < late; hour += 1) {
      const mark = element("div", "hour", `${String(hour).padStart(2, "0")}:00`)
      mark.style.height = `${ROW}px`
      scale.append(mark)
    }
    row.append(scale, ...days.map(drawLane))
    hours.append(row)
    made.append(head, whole, hours)
    return made
  }

  // ----------------------------------------------------------------------------------------------- agenda

  const drawDay = (day) => {
    const made = element("section", `day${marked(day)}`)
    const head = element("div", "line")
    head.append(element("strong", "", day.today ? `${day.title} · ${words.today}` : day.title))
    if (may) {
      const plan = element("button", "plan shown", "add")
      plan.setAttribute("aria-label", `${words.plan}: ${day.title}`)
      plan.onclick = () => ask("plan", { day: day.iso })
      head.append(plan)
    }
    made.append(head)
    if (day.away) made.append(element("div", "away", day.away))
    made.append(...day.entries.map((entry) => drawEntry(entry, day, "full")))
    if (!day.entries.length) made.append(element("div", "quiet", words.nothing))
    if (day.more) made.append(element("div", "quiet", day.more))
    return made
  }

  const drawAgenda = () => {
    const made = element("div", "agenda")
    const today = days.find((day) => day.today)?.iso
    const here = days.filter((day) => day.entries.length || day.today || view === "week")
    const before = today ? here.filter((day) => day.iso < today) : []
    if (before.length) {
      const earlier = element("details")
      earlier.append(element("summary", "", words.earlier), ...before.map(drawDay))
      made.append(earlier)
    }
    made.append(...here.filter((day) => !before.includes(day)).map(drawDay))
    if (!here.length) made.append(element("div", "quiet", words.nothing))
    return made
  }

  root.replaceChildren(view === "month" ? drawMonth() : drawWeek(), drawAgenda(), popover)
  const hours = root.querySelector(".hours")
  if (hours) hours.scrollTop = scrolled ?? Math.max(data.from_hour - early, 0) * ROW
  if (cell) root.querySelector(`.cell[data-day="${cell}"]`)?.focus({ preventScroll: true })
  if (held) {
    delete root.dataset.held
    const places = [...root.querySelectorAll(`[data-id="${held}"]`)]
    places.find((one) => one.offsetParent)?.focus({ preventScroll: true })
  }
}
