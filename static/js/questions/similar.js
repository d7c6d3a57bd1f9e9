/**
 * Whether the same has been asked already. A hint, never a judgement: words are compared by their beginnings, as
 * Finnish and Swedish bend the ends.
 */

const STEM = 5;
const ENOUGH = 0.5; /* of the shorter question's words have to be the other's too */
const USUAL = new Set(
  ("mitä mikä miten millä missä mistä milloin kuinka paljon onko voiko saako pitääkö tarvitseeko teillä teille tämä tuolla olla ovat että jotta " +
    "vielä minä mulla voin saan vaan kuin joka " +
    "vilka vilken vilket vad hur när var kan ska måste finns eller och inte den det som med till från " +
    "what when where which does have your there that this with from would could should about").split(" "),
);

/** The beginnings of the words that tell what a text is about. */
export function gist(text) {
  const found = text.toLocaleLowerCase().match(/[\p{L}\d]{3,}/gu) ?? [];
  return new Set(found.filter((word) => !USUAL.has(word)).map((word) => word.slice(0, STEM)));
}

/** Of the questions those that ask the same as `text`, the closest first, at most two. */
export function similar(text, questions) {
  const wanted = gist(text);
  if (wanted.size < 2) return [];
  const found = [];
  for (const question of questions) {
    const known = gist(question.body);
    const shared = [...wanted].filter((word) => known.has(word)).length;
    const share = shared / Math.min(wanted.size, known.size);
    if (shared >= 2 && share >= ENOUGH) found.push({ question, share: share + shared / 100 });
  }
  return found.sort((a, b) => b.share - a.share).slice(0, 2).map((one) => one.question);
}
