"use strict";
// The group in the browser. Everything that people or the bot say is set as text, never as markup.

const $ = (id) => document.getElementById(id);
const people = new Map();
const messages = new Map();
let socket, quoting = null, pin = "";
const chosen = new Set(); // messages to be passed on as one merged forward

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function withLinks(parent, text) {
  const pattern = /https?:\/\/[^\s\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+/g;
  let place = 0;
  for (const match of text.matchAll(pattern)) {
    parent.append(text.slice(place, match.index));
    const link = make("a", "", match[0]);
    link.href = match[0];
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    parent.append(link);
    place = match.index + match[0].length;
  }
  parent.append(text.slice(place));
}

const safe = (url) => (/^https?:/.test(url) || url.startsWith("/sandbox/") ? url : "about:blank");

const painters = {
  text: (part, bubble) => withLinks(bubble, part.text),
  at: (part, bubble) => bubble.append(make("span", "at", "@" + part.name)),
  reply: (part, bubble) => {
    const quoted = messages.get(part.id);
    bubble.append(make("blockquote", "", quoted ? nameOf(quoted.from) + "：" + (gist(quoted) || "（已撤回）") : "原消息"));
  },
  image: (part, bubble) => {
    const image = make("img");
    image.src = /^(https?:|data:image\/)/.test(part.url) ? part.url : "";
    image.alt = "图片";
    bubble.append(image);
  },
  card: (part, bubble) => {
    const plate = make("a", "plate");
    plate.href = safe(part.url);
    plate.target = "_blank";
    plate.rel = "noopener noreferrer";
    plate.append(make("strong", "", part.title), make("small", "", part.desc), make("small", "", part.url));
    bubble.append(plate);
  },
  forward: (part, bubble) => {
    const plate = make("button", "plate forward");
    plate.type = "button";
    plate.append(make("strong", "", "群聊的聊天记录"));
    for (const node of part.nodes.slice(0, 4)) plate.append(make("small", "", node.name + "：" + node.text.split("\n")[0]));
    plate.append(make("small", "", "查看 " + part.nodes.length + " 条转发消息"));
    plate.onclick = () => openForward(part.nodes);
    bubble.append(plate);
  },
  file: (part, bubble) => {
    const plate = make("a", "plate file");
    plate.href = safe(part.url);
    plate.download = part.name;
    plate.append(make("strong", "", "📄 " + part.name), make("small", "", (part.size / 1024).toFixed(1) + " KB · 点开下载"));
    bubble.append(plate);
  },
};

function openForward(nodes) {
  const list = $("nodes");
  list.replaceChildren();
  for (const node of nodes) {
    const bubble = make("div", "bubble");
    withLinks(bubble, node.text);
    list.append(make("div", "who", node.name), bubble);
  }
  $("forwardDialog").showModal();
}

const nameOf = (id) => (people.get(id) ?? { name: String(id) }).name;
const me = () => Number($("person").value);

function gist(message) {
  const words = message.parts.map((part) =>
    ({ text: part.text, at: "@" + part.name, image: "[图片]", card: "[卡片] " + part.title, forward: "[聊天记录]", file: "[文件] " + part.name })[part.type] ?? "");
  return words.join("").trim().slice(0, 60);
}

function faceColour(id) {
  return `hsl(${(id * 67) % 360} 45% 48%)`;
}

function draw(message) {
  const row = make("article", "message" + (message.from === me() ? " own" : ""));
  row.dataset.id = message.id;
  if (message.recalled) {
    row.className = "recalled";
    row.textContent = nameOf(message.from) + " 撤回了一条消息";
    return row;
  }
  const face = make("div", "face", [...nameOf(message.from)][0]);
  face.style.background = faceColour(message.from);
  const who = make("div", "who", nameOf(message.from) + (message.to ? " 私聊 " + nameOf(message.to) : ""));
  const role = (people.get(message.from) ?? {}).role;
  const title = { owner: "群主", admin: "管理员", bot: "机器人" }[role];
  if (title) who.append(make("b", "", title));
  const bubble = make("div", "bubble");
  for (const part of message.parts) painters[part.type](part, bubble);
  const tools = make("div", "tools");
  const reply = make("button", "", "回复");
  reply.onclick = () => quote(message);
  const react = make("button", "", pin);
  react.setAttribute("aria-label", "用 " + pin + " 回应");
  react.onclick = () => act({ do: "react", id: message.id });
  tools.append(reply, react);
  const boss = ["owner", "admin"].includes((people.get(me()) ?? {}).role);
  if (message.from === me() || boss) {
    const recall = make("button", "", "撤回");
    recall.onclick = () => act({ do: "recall", id: message.id });
    tools.append(recall);
  }
  if (message.to) {
    row.classList.add("private");
    tools.replaceChildren();
  } else if ($("select").getAttribute("aria-pressed") === "true") {
    const pass = make("button", "", chosen.has(message.id) ? "不选了" : "选上");
    pass.onclick = () => {
      if (!chosen.delete(message.id)) chosen.add(message.id);
      drawAll();
    };
    row.classList.toggle("chosen", chosen.has(message.id));
    tools.replaceChildren(pass);
  }
  const body = make("div", "body");
  body.append(who, bubble);
  if (message.reactions.length) body.append(make("div", "reactions", message.reactions.join(" ")));
  body.append(tools);
  row.append(face, body);
  return row;
}

function atTheEnd() {
  const list = $("messages");
  return list.scrollHeight - list.scrollTop - list.clientHeight < 120;
}

function toTheEnd() {
  $("messages").scrollTop = $("messages").scrollHeight;
}

function drawAll() {
  const place = $("messages").scrollTop, follow = atTheEnd();
  $("messages").replaceChildren(...[...messages.values()].map(draw));
  if (follow) toTheEnd();
  else $("messages").scrollTop = place;
}

function take(change) {
  if (change.what === "everything") {
    $("group").textContent = document.title = change.group;
    pin = change.pin;
    people.clear();
    messages.clear();
    for (const person of [...change.people, { ...change.bot, role: "bot" }]) people.set(person.id, person);
    const chosen = $("person").value || sessionStorage.getItem("person") || String(change.host.id);
    $("person").replaceChildren(...change.people.map((person) => {
      const title = { owner: "（群主）", admin: "（管理员）" }[person.role] ?? (person.id === change.host.id ? `（${change.host.role}）` : "");
      const option = make("option", "", person.name + title);
      option.value = person.id;
      return option;
    }));
    $("person").value = chosen;
    for (const message of change.messages) messages.set(message.id, message);
    for (const message of change.private) messages.set(message.id, message);
    set(change.settings);
    drawAll();
    return;
  }
  if (change.what === "settings") {
    set(change.settings);
    return;
  }
  const message = change.message;
  const known = messages.has(message.id);
  messages.set(message.id, message);
  if (known) {
    $("messages").querySelector(`[data-id="${message.id}"]`)?.replaceWith(draw(message));
  } else {
    const follow = atTheEnd() || message.from === me();
    $("messages").append(draw(message));
    if (follow) toTheEnd();
  }
}

function options(select, choices, value) {
  select.replaceChildren(...choices.map(([name, told]) => {
    const option = make("option", "", told);
    option.value = name;
    return option;
  }));
  select.value = value;
}

function set(settings) {
  $("now").textContent = settings.now;
  $("play").textContent = settings.playing ? "停下" : "播放一周";
  $("play").dataset.playing = settings.playing ? "yes" : "";
  options($("dialect"), settings.dialects.map((name) => [name, name]), settings.dialect);
  options($("trouble"), settings.troubles.map(({ name, told }) => [name, told]), settings.trouble);
}

function quote(message) {
  quoting = message;
  $("quote").hidden = !message;
  if (message) {
    $("quote").querySelector("span").textContent = "回复 " + nameOf(message.from) + "：" + gist(message);
    $("text").focus();
  }
}

function act(wish) {
  const open = socket?.readyState === WebSocket.OPEN;
  if (open) socket.send(JSON.stringify({ as: me(), ...wish }));
  return open;
}

function say(more) {
  if (!act({ do: "say", text: $("text").value, reply: quoting?.id, ...more })) return; // kept until it can be said
  $("text").value = "";
  grow();
  quote(null);
}

function grow() {
  $("text").style.height = "auto";
  $("text").style.height = $("text").scrollHeight + 2 + "px";
}

function open() {
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/sandbox/ws`);
  socket.onopen = () => ($("state").textContent = "选一个身份，像在群里一样说话；发 /帮助 看能做什么");
  socket.onmessage = (event) => take(JSON.parse(event.data));
  socket.onclose = () => {
    $("state").textContent = "机器人没在运行，正在重新连接…";
    setTimeout(open, 1000);
  };
}

$("compose").onsubmit = (event) => {
  event.preventDefault();
  if ($("text").value.trim()) say({});
};
$("text").oninput = grow;
$("text").onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("compose").requestSubmit();
  }
};
$("quote").querySelector("button").onclick = () => quote(null);
$("person").onchange = () => {
  sessionStorage.setItem("person", $("person").value);
  drawAll();
};
$("card").onclick = () => $("cardDialog").showModal();
$("cardDialog").onclose = () => {
  const form = $("cardDialog").querySelector("form");
  if ($("cardDialog").returnValue === "ok") act({ do: "say", card: Object.fromEntries(new FormData(form)) });
  $("cardDialog").returnValue = "";
};
$("play").onclick = () =>
  act($("play").dataset.playing ? { do: "stop" } : { do: "play", speed: Number($("speed").value) });
$("ahead").onclick = () => act({ do: "clock" });
$("later").onclick = () => act({ do: "clock", minutes: 10 });
$("dialect").onchange = () => act({ do: "dialect", name: $("dialect").value });
$("trouble").onchange = () => act({ do: "trouble", name: $("trouble").value });
$("select").onclick = () => {
  const selecting = $("select").getAttribute("aria-pressed") !== "true";
  if (!selecting && chosen.size) act({ do: "forward", ids: [...messages.keys()].filter((id) => chosen.has(id)) });
  chosen.clear();
  $("select").setAttribute("aria-pressed", String(selecting));
  $("select").textContent = selecting ? "把选上的转发出去" : "多选转发";
  drawAll();
};
$("picture").onclick = () => $("file").click();
$("file").onchange = () => {
  const file = $("file").files[0];
  if (!file) return;
  const reader = new FileReader();
  reader.onload = () => say({ picture: reader.result });
  reader.readAsDataURL(file);
  $("file").value = "";
};
open();
