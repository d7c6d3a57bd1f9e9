/** A recording's chapters: a press or an address with #t= goes there, and the one that plays is marked. */
for (const recording of document.querySelectorAll("[data-chapters]")) {
  const video = recording.querySelector("video");
  const marks = [...recording.querySelectorAll("a[data-at]")];
  const go = (at) => {
    if (video.readyState > 0) {
      video.currentTime = at;
      video.play().catch(() => {});
      return;
    }
    video.addEventListener("loadedmetadata", () => (video.currentTime = at), { once: true });
    recording.querySelector(".play").click();
  };
  /* a link to where one is already changes no address, so it is followed by hand */
  for (const mark of marks)
    mark.addEventListener("click", () => mark.hash === location.hash && go(Number(mark.dataset.at)));
  /* an address with #t=754 (Media Fragments URI 1.0) leads to that second */
  const follow = (play) => {
    const [, at] = location.hash.match(/^#t=(\d+(?:\.\d+)?)$/) ?? [];
    if (at === undefined) return;
    recording.scrollIntoView({ block: "start" });
    if (play) go(Number(at));
    else video.addEventListener("loadedmetadata", () => (video.currentTime = Number(at)), { once: true });
  };
  addEventListener("hashchange", () => follow(true));
  follow(false); /* nothing plays by itself: the place is taken when the visitor starts it */
  video.addEventListener("timeupdate", () => {
    const here = marks.findLast((mark) => Number(mark.dataset.at) <= video.currentTime + 0.3);
    for (const mark of marks) mark.toggleAttribute("aria-current", mark === here);
  });
}
