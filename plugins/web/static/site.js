"use strict";
// Counts down to the moment in data-until; without a script the date beside it says the same.

(function () {
  const two = (number) => String(number).padStart(2, "0");

  function told(seconds) {
    const days = Math.floor(seconds / 86400), hours = Math.floor((seconds % 86400) / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    if (days > 0) return `还有 ${days} 天 ${hours} 小时`;
    return `还有 ${two(hours)}:${two(minutes)}:${two(Math.floor(seconds % 60))}`;
  }

  function tick() {
    for (const each of document.querySelectorAll(".count[data-until]")) {
      const left = (Date.parse(each.dataset.until) - Date.now()) / 1000;
      each.textContent = left > 0 ? told(left) : "时间到了";
    }
  }

  if (document.querySelector(".count[data-until]")) {
    tick();
    setInterval(tick, 1000);
  }
})();
