"use strict";
// Copies the minutes as rich text: with inline styles where the browser lets a page write HTML, else what is shown.

(function () {
  const button = document.getElementById("copy"), status = document.getElementById("copied");

  async function rich() {
    const answer = await fetch(button.dataset.rich);
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.body.innerHTML;
  }

  function selected() {
    const range = document.createRange();
    range.selectNodeContents(document.getElementById("minutes"));
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    const done = document.execCommand("copy");
    selection.removeAllRanges();
    return done;
  }

  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      const plain = document.getElementById("minutes").innerText;
      const html = await rich();
      await navigator.clipboard.write([new ClipboardItem({
        "text/html": new Blob([html], { type: "text/html" }),
        "text/plain": new Blob([plain], { type: "text/plain" }),
      })]);
      status.textContent = "复制好了，到知乎或公众号编辑器里粘贴";
    } catch {
      status.textContent = selected() ? "复制好了，到编辑器里粘贴" : "浏览器不让复制，请手动全选";
    }
  });
})();
