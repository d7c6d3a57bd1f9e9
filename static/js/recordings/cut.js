/** Cutting a recording's ends: a press takes the moment the player is at. */
const form = document.querySelector("[data-cut]");
const video = document.querySelector(".recording video");

function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = `${String(rest).padStart(2, "0")}`;
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

for (const button of form?.querySelectorAll("[data-here]") ?? []) {
  button.hidden = !video;
  button.addEventListener("click", () => {
    // what is cut already counts from its own beginning
    form.elements[button.dataset.here].value = clock(video.currentTime + Number(form.dataset.cut));
  });
}
