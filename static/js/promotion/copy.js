/** Buttons that copy the text of a field; without this the text is selected by hand. */

import { say } from "../base.js";

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      const before = button.firstChild.textContent;
      button.firstChild.textContent = "✓ " + before.replace(/^✓ /, "");
      say(button.textContent);
    } catch {
      field.select();
    }
  });
}
