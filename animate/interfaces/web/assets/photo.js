// The photograph with its faces: a click (or Enter) chooses a face, a drag in "by hand" mode outlines one,
// the buttons and a drag beside the faces move a closer view.
let from = null, pan = null, view = {scale: 1, x: 0, y: 0}, shownKey = "";

const $ = (selector) => element.querySelector(selector);
const svg = () => $("svg");
const at = (event) => {
  const frame = svg().getBoundingClientRect(), box = svg().viewBox.baseVal;
  const inside = (value, size) => Math.min(Math.max(value, 0), size);
  return [
    inside((event.clientX - frame.left) / frame.width * box.width, box.width),
    inside((event.clientY - frame.top) / frame.height * box.height, box.height),
  ];
};
const between = (a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1])];
const band = (box) => ["x", "y", "width", "height"].forEach((name, i) => $(".band").setAttribute(name, box[i]));
const byHand = () => $("figure")?.classList.contains("by-hand");
const setByHand = (on) => {
  $("figure").classList.toggle("by-hand", on);
  $(".mark").setAttribute("aria-pressed", on);
  $(".mark").textContent = on ? "Stop outlining (Esc)" : "Outline a face by hand";
  const line = $("figcaption [role=status]");
  line.dataset.words ??= line.textContent;
  line.textContent = on ? "Press at one corner of the face, drag to the other." : line.dataset.words;
};

const place = () => {
  const canvas = $(".canvas"), window_ = $(".window");
  if (!canvas) return;
  const least = (size, room) => Math.min(0, room - size * view.scale);
  view.x = Math.min(0, Math.max(view.x, least(window_.clientWidth, window_.clientWidth)));
  view.y = Math.min(0, Math.max(view.y, least(window_.clientHeight, window_.clientHeight)));
  canvas.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
  $(".print").classList.toggle("near", view.scale > 1);
};
const zoom = (factor, x, y) => {
  const frame = $(".window").getBoundingClientRect();
  [x, y] = [(x ?? frame.left + frame.width / 2) - frame.left, (y ?? frame.top + frame.height / 2) - frame.top];
  const scale = Math.min(12, Math.max(1, view.scale * factor));
  view = {scale, x: x - (x - view.x) * scale / view.scale, y: y - (y - view.y) * scale / view.scale};
  place();
};

const choose = (face) => {
  const number = face.dataset.face, chosen = !face.classList.contains("chosen");
  element.querySelectorAll(`[data-face="${number}"]`).forEach((shown) => {
    shown.classList.toggle("chosen", chosen);
    shown.setAttribute("aria-checked", chosen);
  });
  request("chosen", {face: Number(number)});
};

dropZone(element, {
  busy: "Looking for faces",
  show: showPicture,
  came: (path, name) => request("came", {path, name}),
});

element.addEventListener("click", (event) => {
  const face = event.target.closest("[data-face]"), near = event.target.closest("[data-zoom]")?.dataset.zoom;
  const asked = event.target.closest("[data-do]")?.dataset.do;
  if (event.target.closest("#sample")) request("sample", {});
  else if (event.target.closest(".mark")) setByHand(!byHand());
  else if (near) near === "fit" ? (view = {scale: 1, x: 0, y: 0}, place()) : zoom(near === "in" ? 1.6 : 1 / 1.6);
  else if (asked === "another") request("another", {});
  else if (asked === "undo") request("undone", {});
  else if (asked) request("several", {all: asked === "all"});
  else if (face && !byHand() && !pan?.moved) choose(face);
});
element.addEventListener("dblclick", (event) => {
  const beside = event.target.closest(".window") && !event.target.closest("[data-face]");
  if (beside && !byHand()) zoom(2, event.clientX, event.clientY);
});
element.addEventListener("wheel", (event) => {
  if (!event.target.closest(".window") || !(event.ctrlKey || view.scale > 1)) return;
  event.preventDefault();
  zoom(Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
}, {passive: false});
element.addEventListener("keydown", (event) => {
  const face = event.target.closest("g[data-face]");
  if (event.key === "Escape" && byHand()) setByHand(false);
  if (!face || (event.key !== "Enter" && event.key !== " ")) return;
  event.preventDefault();
  choose(face);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && byHand() && $("[data-face]")) setByHand(false);
});
element.addEventListener("pointerdown", (event) => {
  if (!event.target.closest(".window")) return;
  if (byHand()) {
    event.preventDefault();
    svg().setPointerCapture(event.pointerId);
    from = at(event);
  } else if (view.scale > 1) pan = {x: event.clientX, y: event.clientY, start: {...view}, moved: false};
});
element.addEventListener("pointermove", (event) => {
  if (from) band(between(from, at(event)));
  else if (pan && event.buttons) {
    pan.moved ||= Math.hypot(event.clientX - pan.x, event.clientY - pan.y) > 4;
    view = {...view, x: pan.start.x + event.clientX - pan.x, y: pan.start.y + event.clientY - pan.y};
    place();
  }
});
element.addEventListener("pointercancel", () => { from = pan = null; });
element.addEventListener("pointerup", (event) => {
  setTimeout(() => { pan = null; });  // after the click that ends a drag
  if (!from) return;
  const box = between(from, at(event));
  from = null;
  band([0, 0, 0, 0]);
  if (box[2] > 0 && box[3] > 0) request("outlined", {box});
});

watch("value", () => {
  const key = $("figure")?.dataset.key ?? "";
  if (key !== shownKey) view = {scale: 1, x: 0, y: 0};
  shownKey = key;
  try { sessionStorage.setItem("keepsake", key); } catch { /* a browser that keeps nothing */ }
  place();
});
