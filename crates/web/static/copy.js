// Buttons that copy what the element of id `data-copy` says. Without a script, or where the page
// comes over plain HTTP, they stay hidden: the text can be selected.

for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  if (!navigator.clipboard || !source) continue;
  const label = button.textContent;
  const status = document.createElement("output");
  status.className = "visually-hidden";
  button.after(status);
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = source.value ?? source.innerText.trim();
    const said = await navigator.clipboard.writeText(text).then(() => "Copied", () => "Please select and copy it yourself");
    button.textContent = status.textContent = said;
    setTimeout(() => {
      button.textContent = label;
      status.textContent = "";
    }, 2500);
  });
}
