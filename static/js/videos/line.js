/**
 * Notices when a viewer's line no longer carries the picture of a broadcast, and when it does again.
 *
 * A picture that stands still says nothing yet: the sender may be gone, or the stage be starting anew. So a piece of the
 * lightest rung is fetched and timed: only a line that takes longer for it than it plays is slow.
 */

/** Milliseconds the picture must have stood still before the line is tried. */
const STILL = 4000;
/** Milliseconds between two tries whether the picture fits again: they grow with each return that did not last. */
const FIRST_TRY = 8000;
const LAST_TRY = 90_000;
/** Milliseconds a return must last for the next wait to be short again. */
const LASTED = 60_000;
/** Milliseconds after which a playlist that has not come counts as a slow line. */
const TOO_LONG = 8000;
/** The picture comes back when a piece takes at most this share of its own length: there must be room for more. */
const ROOM = 0.6;

/**
 * Follow `video`. `rung()` gives the address of the lightest rung's playlist while a picture of a broadcast is on, else
 * null; `fall()` is called when the line is too slow for it, `rise()` when it would fit again. Gives a function that
 * forgets the fall, for when the viewer or the end of the broadcast decides.
 */
export function follow(video, { rung, fall, rise }) {
  let still = 0;
  let again = 0;
  let wait = FIRST_TRY;
  let rose = -LASTED;

  video.addEventListener("waiting", watch);
  video.addEventListener("playing", () => clearTimeout(still));

  function watch() {
    clearTimeout(still);
    still = setTimeout(async () => {
      const address = rung();
      if (!address || video.paused || video.readyState > 2) return;
      const share = await tried(address);
      if (share === null || share < 1) watch();
      else if (rung() === address && video.readyState <= 2) drop(address);
    }, STILL);
  }

  function drop(address) {
    wait = performance.now() - rose < LASTED ? Math.min(wait * 2, LAST_TRY) : FIRST_TRY;
    fall();
    look(address);
  }

  function look(address) {
    clearTimeout(again);
    again = setTimeout(async () => {
      const share = await tried(address);
      if (!again) return;
      if (share === null || share > ROOM) return look(address);
      again = 0;
      rose = performance.now();
      rise();
    }, wait);
  }

  return () => {
    clearTimeout(still);
    clearTimeout(again);
    again = 0;
  };
}

/** How long the newest whole piece of a playlist takes, as a share of its length; null when nothing can be said. */
async function tried(address) {
  const aborter = new AbortController();
  const late = setTimeout(() => aborter.abort(), TOO_LONG);
  try {
    const answer = await fetch(address, { signal: aborter.signal, cache: "no-store" });
    if (!answer.ok) return null;
    const pieces = [...(await answer.text()).matchAll(/^#EXTINF:([\d.]+).*\n(?:#.*\n)*([^#\n]+)/gm)];
    const [, seconds, name] = pieces.at(-1) ?? [];
    if (!name) return null;
    const began = performance.now();
    const piece = await fetch(new URL(name, answer.url), { signal: aborter.signal, cache: "no-store" });
    await piece.arrayBuffer();
    return piece.ok ? (performance.now() - began) / 1000 / Number(seconds) : null;
  } catch {
    return aborter.signal.aborted ? Infinity : null;
  } finally {
    clearTimeout(late);
  }
}
