const ASKED = { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 }
const WHY = { 1: "refused", 2: "unavailable", 3: "late" }

export default function ({ data, parentElement, setTriggerValue }) {
  let button = parentElement.querySelector("button")
  if (!button) {
    button = document.createElement("button")
    button.type = "button"
    parentElement.append(button)
  }
  const sign = document.createElement("span")
  sign.className = "icon"
  sign.textContent = "my_location"
  sign.setAttribute("aria-hidden", "true")
  const text = document.createElement("span")
  text.textContent = data.words.ask
  button.replaceChildren(sign, text)
  button.disabled = false
  button.onclick = () => {
    const told = (answer) => {
      button.disabled = false
      text.textContent = data.words.ask
      setTriggerValue("told", answer)
    }
    if (!window.isSecureContext) return told({ why: "insecure" })
    if (!navigator.geolocation) return told({ why: "unavailable" })
    button.disabled = true
    text.textContent = data.words.wait
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => told({ latitude: coords.latitude, longitude: coords.longitude, accuracy: coords.accuracy }),
      (error) => told({ why: WHY[error.code] ?? "unavailable" }),
      ASKED,
    )
  }
}
