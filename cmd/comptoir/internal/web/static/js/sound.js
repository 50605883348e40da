// Short tones without files, as loud as this device wants them: data-volume of the page, 0 (none) to 3; 2 unless it
// says otherwise. A browser is silent until it has been touched once, which a till has been.

const tones = { scan: [[880, 0.08]], refused: [[220, 0.12], [180, 0.16]], paid: [[660, 0.09], [880, 0.14]],
  order: [[660, 0.12], [880, 0.12], [1320, 0.22]], alarm: [[440, 0.2], [330, 0.2], [440, 0.2], [330, 0.3]] };
const loudness = [0, 0.03, 0.08, 0.2];
let audio = null;

export function play(name) {
  const Context = globalThis.AudioContext;
  const loud = loudness[document.documentElement.dataset.volume ?? 2];
  if (!loud || !Context || navigator.userActivation?.hasBeenActive === false) return;
  audio ??= new Context();
  let at = audio.currentTime;
  for (const [pitch, length] of tones[name]) {
    const tone = audio.createOscillator(), volume = audio.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(loud, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + length);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + length);
    at += length;
  }
}
