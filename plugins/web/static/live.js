"use strict";
// Follows the evening. The server sends the changed part of the page, escaped, and its own time with it.

(function () {
  const SOON = 120; // seconds before time is up at which the clock turns
  const stage = document.getElementById("stage"), lost = document.getElementById("lost");
  let ahead = Date.parse(stage.dataset.now) - Date.now(); // how far the server's clock is ahead of this one
  let source = null;

  const two = (number) => String(number).padStart(2, "0");

  function clock(seconds) {
    const hours = Math.floor(seconds / 3600), rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
    return hours > 0 ? `${hours}:${rest}` : rest;
  }

  function waiting(seconds) {
    const days = Math.floor(seconds / 86400);
    return days > 0 ? `${days} 天 ${Math.floor((seconds % 86400) / 3600)} 小时` : clock(seconds);
  }

  function tick() {
    const face = stage.querySelector(".clock");
    if (!face) return;
    const now = Date.now() + ahead;
    if (face.dataset.since) {
      face.textContent = clock(Math.max(0, Math.floor((now - Date.parse(face.dataset.since)) / 1000)));
      return;
    }
    const left = Math.ceil((Date.parse(face.dataset.until) - now) / 1000);
    if ("wait" in face.dataset) {
      face.textContent = left > 0 ? waiting(left) : "就要开始";
      return;
    }
    face.classList.toggle("over", left <= 0);
    face.classList.toggle("soon", left > 0 && left <= SOON);
    face.textContent = left > 0 ? clock(left) : "超时 " + clock(-left);
  }

  function open() {
    source = new EventSource(stage.dataset.events);
    source.addEventListener("stage", (event) => {
      const change = JSON.parse(event.data);
      ahead = Date.parse(change.now) - Date.now();
      stage.innerHTML = change.html;
      lost.textContent = "";
      tick();
    });
    source.onopen = () => (lost.textContent = "");
    source.onerror = () => {
      lost.textContent = "连接断了，正在重连…";
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 2000); // an error page: browsers give up then
    };
  }

  tick();
  setInterval(tick, 250);
  open();
})();
