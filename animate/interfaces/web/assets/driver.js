// A video of one's own: dropped, or filmed with the camera; the part of it that is used.
let stream = null, recorder = null;

const zone = dropZone(element, {busy: "Getting the video ready", came: (path, name) => request("came", {path, name})});
const panel = () => element.querySelector(".camera");
const button = (words, act, kind = "quiet") => {
  const made = document.createElement("button");
  Object.assign(made, {type: "button", textContent: words, className: kind, onclick: act});
  return made;
};
const off = () => {
  recorder = null;
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  if (panel()) { panel().hidden = true; panel().replaceChildren(); }
};

async function camera() {
  off();
  try {
    const wanted = {width: {ideal: 640}, facingMode: "user"};
    stream = await navigator.mediaDevices.getUserMedia({video: wanted, audio: false});
  } catch {
    return zone.say("The camera could not be used. Allow it in the browser, or choose a video.", true);
  }
  const video = document.createElement("video"), state = document.createElement("p");
  Object.assign(video, {srcObject: stream, muted: true, autoplay: true, playsInline: true});
  video.setAttribute("aria-label", "what the camera sees");
  state.className = "state";
  state.setAttribute("role", "status");
  state.textContent = "Look into the lens with a calm face, then press Record.";
  const record = button("Record", () => recorder ? recorder.stop() : film(state, record), "primary");
  panel().replaceChildren(video, state, record, button("Close the camera", off));
  panel().hidden = false;
}

function film(state, record) {
  const parts = [], longest = Number(panel().dataset.longest), began = performance.now();
  recorder = new MediaRecorder(stream);
  recorder.ondataavailable = (event) => parts.push(event.data);
  const clock = setInterval(() => {
    const seconds = (performance.now() - began) / 1000;
    state.textContent = `Recording, ${seconds.toFixed(0)} of at most ${longest} seconds`;
    if (seconds >= longest) recorder?.stop();
  }, 250);
  recorder.onstop = () => {
    clearInterval(clock);
    const kind = parts[0]?.type.split(";")[0] || "video/webm";
    off();
    zone.take(new File(parts, "recorded." + kind.split("/")[1], {type: kind}));
  };
  record.textContent = "Stop recording";
  recorder.start();
}

element.addEventListener("click", (event) => {
  const asked = event.target.closest("[data-do]")?.dataset.do;
  if (asked === "camera") camera();
  if (asked === "away") request("away", {});
});
element.addEventListener("change", (event) => {
  if (!event.target.dataset.part) return;
  const values = [...element.querySelectorAll("[data-part]")].map((field) => [field.dataset.part, Number(field.value)]);
  request("trimmed", Object.fromEntries(values));
});
