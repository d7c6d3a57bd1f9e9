/** A recording's chapters: a press goes there, and the one that plays is marked. */
for (const recording of document.querySelectorAll("[data-chapters]")) {
  const video = recording.querySelector("video");
  const marks = [...recording.querySelectorAll("button[data-at]")];
  for (const mark of marks) {
    mark.addEventListener("click", () => {
      const at = Number(mark.dataset.at);
      if (video.readyState > 0) {
        video.currentTime = at;
        video.play().catch(() => {});
        return;
      }
      video.addEventListener("loadedmetadata", () => (video.currentTime = at), { once: true });
      recording.querySelector(".play").click();
    });
  }
  video.addEventListener("timeupdate", () => {
    const here = marks.findLast((mark) => Number(mark.dataset.at) <= video.currentTime + 0.3);
    for (const mark of marks) mark.toggleAttribute("aria-current", mark === here);
  });
}
