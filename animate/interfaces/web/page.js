// The photograph with its faces: a click (or Enter) chooses a face, a drag in "by hand" mode outlines one.
let from = null;

const svg = () => element.querySelector("svg");
const at = (event) => {
  const frame = svg().getBoundingClientRect(), view = svg().viewBox.baseVal;
  const inside = (value, size) => Math.min(Math.max(value, 0), size);
  return [
    inside((event.clientX - frame.left) / frame.width * view.width, view.width),
    inside((event.clientY - frame.top) / frame.height * view.height, view.height),
  ];
};
const between = (a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1])];
const band = (box) => ["x", "y", "width", "height"].forEach((name, i) => element.querySelector(".band").setAttribute(name, box[i]));
const byHand = () => element.querySelector("figure")?.classList.contains("by-hand");
const choose = (face) => {
  const chosen = face.classList.toggle("chosen");
  face.setAttribute("aria-checked", chosen);
  trigger("chosen", {face: Number(face.dataset.face)});
};

element.addEventListener("click", (event) => {
  const face = event.target.closest(".face");
  if (event.target.closest(".mark")) element.querySelector("figure").classList.toggle("by-hand");
  else if (face && !byHand()) choose(face);
});
element.addEventListener("keydown", (event) => {
  const face = event.target.closest(".face");
  if (!face || (event.key !== "Enter" && event.key !== " ")) return;
  event.preventDefault();
  choose(face);
});
element.addEventListener("pointerdown", (event) => {
  if (!byHand() || !event.target.closest("svg")) return;
  event.preventDefault();
  svg().setPointerCapture(event.pointerId);
  from = at(event);
});
element.addEventListener("pointermove", (event) => { if (from) band(between(from, at(event))); });
element.addEventListener("pointercancel", () => { from = null; });
element.addEventListener("pointerup", (event) => {
  if (!from) return;
  const box = between(from, at(event));
  from = null;
  if (box[2] > 0 && box[3] > 0) trigger("outlined", {box});
});
