/** Lines of the programme by dragging, beside the buttons, which work without this. The server counts the times anew. */

const form = document.querySelector("[data-order]");
const list = form?.querySelector("ol");
let held = null;

function lines() {
  return [...list.querySelectorAll("[data-item]")];
}

function send() {
  const order = document.createElement("input");
  order.type = "hidden";
  order.name = "order";
  order.value = lines().map((line) => line.dataset.item).join(",");
  form.append(order);
  form.submit();
}

if (list) {
  for (const line of lines()) {
    line.draggable = true;
    line.addEventListener("dragstart", (event) => {
      held = line;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", line.dataset.item);
      line.classList.add("held");
    });
    line.addEventListener("dragend", () => {
      line.classList.remove("held");
      held = null;
    });
    line.addEventListener("dragover", (event) => {
      if (!held) return;
      event.preventDefault();
      if (line === held) return;
      const box = line.getBoundingClientRect();
      line[event.clientY < box.top + box.height / 2 ? "before" : "after"](held);
    });
  }
  list.addEventListener("drop", (event) => {
    if (!held) return;
    event.preventDefault();
    send();
  });
}
