// Hands on what the server knows about the movements to whoever shows it.
watch("value", () => {
  const about = JSON.parse(element.querySelector("[data-about]")?.dataset.about ?? "null");
  if (about) document.dispatchEvent(new CustomEvent("keepsake-bulletin", {detail: about}));
});
