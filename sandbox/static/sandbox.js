// Turns instants into ages, and keeps the overview fresh while somebody looks at it.
"use strict";

const age = (seconds) =>
  seconds < 60 ? `${seconds} s ago` : seconds < 3600 ? `${Math.floor(seconds / 60)} min ago` : `${Math.floor(seconds / 3600)} h ago`;

const tell = () => {
  for (const time of document.querySelectorAll("time[datetime]")) {
    time.title = time.title || time.textContent;
    time.textContent = age(Math.max(0, Math.floor((Date.now() - Date.parse(time.dateTime)) / 1000)));
  }
};

const renew = async () => {
  if (document.hidden) return;
  const reply = await fetch(location.pathname).catch(() => null);
  if (!reply || !reply.ok) return;
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main")));
  tell();
};

tell();
setInterval(tell, 1000);
if (document.querySelector("main[data-live]")) setInterval(renew, 2000);
