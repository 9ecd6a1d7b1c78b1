// Goes on to the app when every frame of the signed-out page has answered, or after three seconds. Without
// JavaScript the link does the same.
const next = document.getElementById("continue");
const frames = document.querySelectorAll("iframe");
let awaited = frames.length;

function goOn() {
  if (next) location.replace(next.href);
}

for (const frame of frames) {
  frame.addEventListener("load", () => {
    awaited -= 1;
    if (awaited === 0) goOn();
  });
}
setTimeout(goOn, 3000);
