/** The rule of what comes next, as the server has it: pinned first, then votes, then the order of asking. */
export function upNext(questions) {
  const waiting = questions.filter((question) => question.state === "live");
  waiting.sort((a, b) => Number(b.pinned) - Number(a.pinned) || b.up - a.up || (a.asked_at < b.asked_at ? -1 : 1));
  return waiting[0];
}
