// Shared by every place where a file is dropped: uploads it, shows how far it is, says in words what went wrong.
const SENT_TO = new URL("gradio_api/upload", document.baseURI);

const sentenceOf = (request) => {
  const words = (request.responseText || "").trim();
  if (request.status === 0) return "Keepsake does not answer. Is its window still open?";
  const plain = words && words.length < 200 && !words.startsWith("{") && !words.startsWith("<");
  return plain ? words : "The file could not be taken.";
};

function sendFile(file, {progress, done, failed}) {
  const form = new FormData(), request = new XMLHttpRequest();
  form.append("files", file, file.name || "recorded.webm");
  request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
  request.onload = () => {
    if (request.status !== 200) return failed(sentenceOf(request));
    done(JSON.parse(request.responseText)[0]);
  };
  request.onerror = () => failed(sentenceOf(request));
  request.open("POST", SENT_TO);
  request.send(form);
  return request;
}

// A drop zone inside `element`: `came(path, name)` is called once the file has arrived. `busy` says what happens then.
function dropZone(element, {came, busy, show}) {
  const zone = () => element.querySelector(".drop");
  const say = (words, failed = false) => {
    const state = zone()?.querySelector(".state");
    if (!state) return;
    state.textContent = words;
    state.classList.toggle("failure", failed);
    zone().classList.toggle("busy", Boolean(words) && !failed);
    element.querySelector(".drop > .failure:not(.state)")?.remove();
  };
  const take = (file) => {
    if (!file) return;
    if (show) show(zone().querySelector(".shown"), file);
    say("Opening " + file.name);
    sendFile(file, {
      progress: (share) => say(share < 1 ? `Opening ${file.name}, ${Math.round(100 * share)} %` : busy),
      done: (path) => { say(busy); came(path, file.name); },
      failed: (words) => { say(words, true); zone().querySelector(".shown").replaceChildren(); },
    });
  };
  element.addEventListener("change", (event) => {
    if (event.target.type !== "file") return;
    take(event.target.files[0]);
    event.target.value = "";
  });
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    element.addEventListener(name, (event) => {
      if (!event.target.closest(".drop")) return;
      event.preventDefault();
      zone().classList.toggle("over", name === "dragenter" || name === "dragover");
      if (name === "drop") take(event.dataTransfer.files[0]);
    });
  }
  return {take, say};
}

// The picture itself while it is being looked at, where the browser can show its kind.
function showPicture(place, file) {
  const picture = new Image();
  picture.alt = file.name;
  picture.onload = () => place.replaceChildren(picture);
  picture.src = URL.createObjectURL(file);
}
