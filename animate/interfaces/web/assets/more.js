// More photographs of one person: dropped one after another, taken away, insisted on.
dropZone(element, {busy: "Looking for the person", came: (path, name) => request("came", {path, name})});

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do=away]");
  if (button) request("away", {number: Number(button.dataset.number)});
});
element.addEventListener("change", (event) => {
  if (event.target.dataset.do === "insist") request("insisted", {all: event.target.checked});
});
