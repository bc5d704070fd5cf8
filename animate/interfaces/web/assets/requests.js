// One request at a time: what a click asks of the server is sent once the last answer is there, so that no click is
// lost and none overtakes another. `data-ready` is on the body while no answer is waited for; loading is the first
// request. Gradio drops an event while one of its kind is pending, and begins those that wait in any order.
window.keepsake ??= (() => {
  const later = [];
  let open = true;
  const next = () => {
    open = false;
    while (later.length && !open) later.shift()();
    document.body.toggleAttribute("data-ready", !open);
  };
  const send = (request) => {
    later.push(() => { open = true; request(); });
    if (!open) next();
  };
  document.addEventListener("click", (event) => {  // the clip is made of what was chosen before, answered or not
    const go = event.target.closest("#go");
    if (!go || !open) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    later.push(() => go.click());
  }, true);
  return {send, answered: next};
})();
const request = (name, data) => window.keepsake.send(() => trigger(name, data));
