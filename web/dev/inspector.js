// Adds new exchanges as they happen. The page works without it.
const list = document.getElementById("exchanges");
const live = document.getElementById("live");
let newest = Number(list.dataset.newest);

async function look() {
  try {
    const answer = await fetch("/_dev/exchanges?after=" + newest, { cache: "no-store" });
    const news = await answer.json();
    for (const html of news.exchanges) {
      document.getElementById("empty")?.remove();
      list.insertAdjacentHTML("afterbegin", html);
    }
    newest = news.newest;
    live.textContent = "live";
  } catch {
    live.textContent = "the server does not answer";
  }
  setTimeout(look, 1000);
}
look();
