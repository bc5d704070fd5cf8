// More photographs of one person: dropped one after another, taken away, insisted on.
dropZone(element, {busy: "Looking for the person", came: (path, name) => trigger("came", {path, name})});

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do=away]");
  if (button) trigger("away", {number: Number(button.dataset.number)});
});
element.addEventListener("change", (event) => {
  if (event.target.dataset.do === "insist") trigger("insisted", {all: event.target.checked});
});
