// The movements: which card is chosen, for whom, and its preview. `bulletin` (another element) brings what the server
// knows.
const still = matchMedia("(prefers-reduced-motion: reduce)");
let about = {chosen: [], gesture: "", own: {}, files: {}, face: 0, key: ""}, face = 0, wanted = "";

const cards = () => [...element.querySelectorAll(".card")];
const movementOf = (number) => about.own[number] ?? about.gesture;
const mark = (name) => cards().forEach((card) => {
  const chosen = card.dataset.name === name;
  card.setAttribute("aria-checked", chosen);
  card.tabIndex = chosen ? 0 : -1;
  if (chosen) element.querySelector(".description").textContent = card.querySelector("i").textContent;
});
const checked = () => element.querySelector("[aria-checked=true]")?.dataset.name ?? "";
const titleOf = (name) => cards().find((card) => card.dataset.name === name)?.querySelector("b").textContent ?? name;

const tabs = () => {
  const line = element.querySelector(".for");
  line.hidden = about.chosen.length < 2;
  if (line.hidden) return void (face = 0);
  if (face && !about.chosen.includes(face)) face = 0;
  line.replaceChildren("Movement for ", ...[0, ...about.chosen].map((number) => {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.dataset.for = number;
    tab.setAttribute("aria-pressed", number === face);
    tab.textContent = number ? `${number}: ${titleOf(movementOf(number))}` : "everyone";
    return tab;
  }));
};
const show = () => {
  const playing = about.chosen.length > 0;
  element.querySelector(".movements").classList.toggle("playing", playing);
  element.querySelector(".description").hidden = !playing;
  const same = new Set(about.chosen.map(movementOf));
  tabs();
  mark(face ? movementOf(face) : about.chosen.length && same.size > 1 ? "" : movementOf(about.chosen[0] ?? 0));
  for (const card of cards()) preview(card, about.files[card.dataset.name]);
};
const preview = (card, file) => {
  const place = card.querySelector(".moving"), video = place.querySelector("video");
  if (card.dataset.name === "driver") return;
  place.classList.toggle("waiting", !file && about.chosen.length > 0);
  if (!file) return place.replaceChildren();
  if (video?.dataset.file === file) return;
  const moving = document.createElement("video");
  Object.assign(moving, {src: file, muted: true, loop: true, playsInline: true, preload: "auto"});
  moving.autoplay = !still.matches;
  moving.dataset.file = file;
  moving.setAttribute("aria-hidden", "true");
  place.replaceChildren(moving);
};
const choose = (name) => {
  mark(name);
  if (face) about.own[face] = name;
  else Object.assign(about, {gesture: wanted = name, own: {}});
  tabs();
  request("moved", {name, face});
};

element.addEventListener("click", (event) => {
  const card = event.target.closest(".card"), tab = event.target.closest("[data-for]");
  if (card) choose(card.dataset.name);
  if (tab) {
    face = Number(tab.dataset.for);
    about.files = {};
    show();
    trigger("turned", {face});  // its previews come for long; nothing waits for them
  }
});
element.addEventListener("keydown", (event) => {
  const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key], all = cards();
  if (!step || !event.target.closest(".card")) return;
  event.preventDefault();
  const next = all[(all.indexOf(event.target.closest(".card")) + step + all.length) % all.length];
  next.focus();
  choose(next.dataset.name);
});
for (const [name, plays] of [["pointerover", true], ["focusin", true], ["pointerout", false], ["focusout", false]]) {
  element.addEventListener(name, (event) => {
    const video = still.matches && event.target.closest(".card")?.querySelector("video");
    if (video) plays ? video.play() : video.pause();
  });
}
document.addEventListener("keepsake-bulletin", (event) => {
  const news = event.detail;
  if (news.files && news.key !== about.key) return;
  if (!news.files && (news.key !== about.key || news.chosen[0] !== about.chosen[0])) news.files = {};
  if (news.key !== about.key) face = 0;
  if (news.gesture === "") news.gesture = checked();
  const kept = news.key && news.key !== about.key && wanted && wanted !== news.gesture ? wanted : "";
  if (kept) Object.assign(news, {gesture: kept, own: {}});
  about = {...about, ...news};
  show();
  if (kept) request("moved", {name: kept, face: 0});  // a movement chosen before the photograph was there
});
