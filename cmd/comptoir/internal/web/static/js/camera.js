// A card read by a camera: pictures go to the server, which reads the code. A live view where the browser gives one (on
// the machine itself); elsewhere a photograph.

const url = "/till/photo", pace = 250, longest = 20000; // ms

// kindOf says what a code is by its shape: goods have digits alone, a receipt's code no FID.
const kindOf = (code) => (/^\d+$/.test(code) ? "goods" : code.startsWith("FID") ? "card" : "receipt");

// read sends one picture and answers with what it shows: {kind, code}, null for nothing yet.
async function read(canvas) {
  const picture = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.7));
  const headers = { "Content-Type": "image/jpeg", Accept: "text/html", "X-Fragment": "photo" };
  const answer = await fetch(url, { method: "POST", body: picture, headers }).catch(() => null);
  if (answer?.status !== 200) return null;
  const code = await answer.text();
  return code && { kind: kindOf(code), code };
}

function draw(source, width, height, most) {
  const scale = Math.min(1, most / Math.max(width, height));
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(width * scale), height: Math.round(height * scale) });
  canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

// openCamera shows what the camera sees in a dialog until it has seen a card, the dialog closes, or 20 s have passed.
export async function openCamera(dialog, found) {
  const box = dialog.querySelector(".camera"), video = box.querySelector("video");
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).catch(() => null);
  if (!stream) { // no camera, or it was not allowed: a photograph is left
    dialog.querySelector("[data-camera]").hidden = true;
    dialog.querySelector(".photo").hidden = false;
    return;
  }
  box.hidden = false;
  video.srcObject = stream;
  await video.play();
  const until = performance.now() + longest;
  let seen = null;
  while (!seen && dialog.open && performance.now() < until) {
    const next = performance.now() + pace;
    if (video.videoWidth) seen = await read(draw(video, video.videoWidth, video.videoHeight, 480));
    await new Promise((done) => setTimeout(done, next - performance.now()));
  }
  for (const track of stream.getTracks()) track.stop();
  box.hidden = true;
  if (seen && dialog.open) found(seen);
}

// readPhoto reads the photograph that was taken into a field. A card may be small on it: first small, then larger.
export async function readPhoto(field, found) {
  const picture = await createImageBitmap(field.files[0]).catch(() => null);
  field.value = "";
  let seen = null;
  for (const most of [480, 960]) seen ||= picture && await read(draw(picture, picture.width, picture.height, most));
  if (seen) return found(seen);
  const problem = field.closest("dialog").querySelector("[data-problem]");
  problem.textContent = field.dataset.photo;
  problem.hidden = false;
}
