// The finished clip: how it is looked at, the slider over the photograph, the strip of all clips of this visit.
const still = matchMedia("(prefers-reduced-motion: reduce)");
let shown = null, kind = "clip", newest = null;

const compare = () => element.querySelector(".compare");
const look = (wanted) => {
  kind = element.querySelector(`.views [data-view=${wanted}]`) ? wanted : "clip";
  if (!compare()) return;
  compare().dataset.view = kind;
  for (const button of element.querySelectorAll(".views button")) {
    button.setAttribute("aria-pressed", button.dataset.view === kind);
  }
};
const cut = () => {
  const slider = compare()?.querySelector("input");
  if (slider) compare().style.setProperty("--cut", slider.value + "%");
};
element.addEventListener("input", (event) => { if (event.target.type === "range") cut(); });
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.view) look(button.dataset.view);
  if (button.dataset.show) request("shown", {number: Number(button.dataset.show)});
  if (button.dataset.remove) request("removed", {number: Number(button.dataset.remove)});
});
const toResult = () => {
  const number = Number(element.querySelector("[data-newest]")?.dataset.newest ?? 0);
  const behavior = still.matches ? "auto" : "smooth";
  if (newest !== null && number > newest) element.querySelector("h2").scrollIntoView({behavior, block: "start"});
  newest = number;
};
watch("value", () => {
  look(kind);
  cut();
  toResult();
  const video = element.querySelector(".clip video"), driver = element.querySelector("video.driver");
  if (!video || video.src === shown) return;
  shown = video.src;
  video.muted = true;
  if (still.matches) return;
  video.play().catch(() => {});
  if (driver) { driver.muted = true; driver.play().catch(() => {}); }
});
