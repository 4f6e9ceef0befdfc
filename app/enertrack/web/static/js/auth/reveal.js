// @ts-check
/** A button beside each password (data-reveal) shows what was typed. */

const words = document.getElementById("revelar")?.dataset;

for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[data-reveal]"))) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-outline-secondary";
  button.setAttribute("aria-controls", input.id);

  const tell = () => {
    const shown = input.type === "text";
    button.textContent = (shown ? words?.hide : words?.show) ?? "";
    button.setAttribute("aria-pressed", String(shown));
  };
  button.addEventListener("click", () => {
    input.type = input.type === "text" ? "password" : "text";
    tell();
  });
  input.form?.addEventListener("submit", () => {
    input.type = "password"; // so that the browser does not keep it among the texts it offers
  });
  const group = document.createElement("div");
  group.className = "input-group has-validation";
  const mistake = document.getElementById(`${input.id}-error`);
  input.replaceWith(group);
  group.append(input, button, ...(mistake ? [mistake] : []));
  tell();
}
