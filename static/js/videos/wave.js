/**
 * The sound as a picture: what is heard around the playing position, and the lines of captions over it. Pressing goes to
 * a moment, dragging the edge of a line moves that edge. It only shows and points; the keys do all of it too.
 */

const LEVELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** Pixels around a line's edge in which the pointer takes hold of it; the shortest line in seconds. */
const HOLD = 12;
const SHORTEST = 0.2;
/** What counts as heard, as a share of the loudest moment. */
const HEARD = 0.25;

/**
 * Draw `told` ({every, peaks}) in `box`. `editor` tells of the captions: cues() and current(), and is told of what the
 * pointer does: moved(cue) after an edge was dragged, chosen(cue).
 */
export function wave(box, told, video, editor) {
  const canvas = box.querySelector("canvas");
  const sight = box.querySelector("input");
  const heights = Float32Array.from(told.peaks, (letter) => LEVELS.indexOf(letter) / (LEVELS.length - 1));
  const length = heights.length * told.every;
  let from = 0;
  let held = null;
  box.hidden = false;

  const span = () => Math.min(Number(sight.value), Math.max(length, 1));
  const x = (time) => ((time - from) / span()) * canvas.clientWidth;
  const timeAt = (event) => Math.max(0, Math.min(length, from + (event.offsetX / canvas.clientWidth) * span()));

  /** The playing position stays in the middle, but the picture does not move under a dragging hand. */
  function follow() {
    if (!held) from = Math.max(0, Math.min(length - span(), video.currentTime - span() / 2));
  }

  function draw() {
    follow();
    const style = getComputedStyle(canvas);
    const colour = (name) => style.getPropertyValue(name).trim();
    const sharp = devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width) return;
    canvas.width = Math.round(width * sharp);
    canvas.height = Math.round(height * sharp);
    const pen = canvas.getContext("2d");
    pen.scale(sharp, sharp);
    for (const cue of editor.cues()) {
      if (cue.end < from || cue.begin > from + span()) continue;
      const now = cue === editor.current();
      pen.fillStyle = colour(now ? "--sun-soft" : "--pine-soft");
      pen.fillRect(x(cue.begin), 0, Math.max(2, x(cue.end) - x(cue.begin)), height);
      pen.fillStyle = colour("--edge");
      for (const edge of [cue.begin, cue.end]) pen.fillRect(x(edge) - (now ? 1.5 : 0.5), 0, now ? 3 : 1, height);
    }
    pen.fillStyle = colour("--pine");
    const step = Math.max(2, (told.every / span()) * width);
    for (let left = 0; left < width; left += step) {
      const begin = Math.floor((from + (left / width) * span()) / told.every);
      const end = Math.max(begin + 1, Math.floor((from + ((left + step) / width) * span()) / told.every));
      let peak = 0;
      for (let i = begin; i < end && i < heights.length; i += 1) peak = Math.max(peak, heights[i]);
      const tall = Math.max(1, peak * (height - 8));
      pen.fillRect(left, (height - tall) / 2, Math.max(1, step - 1), tall);
    }
    pen.fillStyle = colour("--rowan");
    pen.fillRect(x(video.currentTime) - 1, 0, 2, height);
  }

  /** The edge of a line under the pointer: the current line's first. */
  function grip(event) {
    const lines = [editor.current(), ...editor.cues()].filter(Boolean);
    for (const cue of lines) {
      for (const edge of ["begin", "end"]) if (Math.abs(x(cue[edge]) - event.offsetX) < HOLD) return { cue, edge };
    }
    return null;
  }

  canvas.addEventListener("pointerdown", (event) => {
    held = grip(event);
    if (held) {
      canvas.setPointerCapture(event.pointerId);
      editor.chosen(held.cue);
    } else {
      const time = timeAt(event);
      video.currentTime = time;
      const under = editor.cues().find((cue) => cue.begin <= time && time < cue.end);
      if (under) editor.chosen(under);
    }
    draw();
  });
  canvas.addEventListener("pointermove", (event) => {
    canvas.classList.toggle("grip", Boolean(held ?? grip(event)));
    if (!held) return;
    const time = Math.round(timeAt(event) * 100) / 100;
    const { cue, edge } = held;
    cue[edge] = edge === "begin" ? Math.min(time, cue.end - SHORTEST) : Math.max(time, cue.begin + SHORTEST);
    draw();
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, () => {
      if (held) editor.moved(held.cue);
      held = null;
      draw();
    });
  }
  sight.addEventListener("input", draw);
  new ResizeObserver(draw).observe(canvas);
  let frame = 0;
  const again = () => {
    draw();
    frame = video.paused ? 0 : requestAnimationFrame(again);
  };
  video.addEventListener("play", () => (frame ||= requestAnimationFrame(again)));
  for (const name of ["pause", "seeked", "timeupdate"]) video.addEventListener(name, draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();

  return {
    draw,
    /** Whether anything is heard between two moments, in seconds. */
    heard: (begin, end) => heights.subarray(Math.floor(begin / told.every), Math.ceil(end / told.every)).some((height) => height > HEARD),
  };
}
