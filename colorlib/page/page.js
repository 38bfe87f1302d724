// The page's part in the browser. Photos come from the Upload button, by drag and drop, or by paste. Each is sent in a
// message of its own. One over the limit is first shrunk here, because messages that are too large are silently lost.
// A button with data-do sends the content of that attribute to Python. The picture is in stage.js.

async function shrink(file, limit) {
  const image = await createImageBitmap(file); // rotated according to its EXIF
  let scale = Math.min(1, Math.sqrt(16e6 / (image.width * image.height))); // phones cannot draw more
  for (let tries = 0; tries < 8; tries++) {
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.width * scale));
    canvas.height = Math.max(1, Math.round(image.height * scale));
    const pen = canvas.getContext("2d");
    pen.fillStyle = "white";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
    if (blob.size <= limit) return { blob, shrunk: [image.width, image.height, canvas.width, canvas.height] };
    scale *= 0.9 * Math.sqrt(limit / blob.size);
  }
  throw new Error("too large");
}

function render({ model, el }) {
  const end = new AbortController();
  const listen = (target, kind, act, options = false) =>
    target.addEventListener(kind, act, { signal: end.signal, ...(options === true ? { capture: true } : options) });
  const demo = () => el.closest(".cl-demo");
  const served = () => document.body.dataset.voila; // the page has its own window
  const inside = (event) => demo() && event.target.closest && event.target.closest(".cl-demo") === demo();

  const zone = document.createElement("div");
  zone.className = "cl-drop";
  const live = document.createElement("p"); // the only element that screen readers announce
  live.className = "cl-live";
  live.setAttribute("role", "status");
  el.append(zone, live);
  const say = (text) => {
    zone.textContent = text || "or drop or paste photos";
    zone.classList.toggle("cl-idle", !text);
  };
  say();

  const picture = stage(demo, model, listen);
  cropping(demo, model, listen);
  const language = translator(model.get("languages"), demo, () => tidy());
  const hear = (text) => {
    if (live.textContent !== text) live.textContent = text;
  };
  const refocus = focusing(demo, inside, listen);

  const tidy = () => {
    if (!demo()) return;
    const button = demo().querySelector(".cl-upload"); // ipywidgets 8 labels it Upload (0), but it never counts here
    if (button && ![language.words("Upload"), "Upload"].includes(button.textContent)) button.textContent = "Upload";
    if (served()) demo().setAttribute("role", "main");
    language.apply();
    for (const field of demo().querySelectorAll(".cl-field")) { // ipywidgets gives slider handles no accessible name
      const handles = field.querySelectorAll(".noUi-handle, .ui-slider-handle");
      const name = handles.length ? field.querySelector(".widget-label").textContent : "";
      handles.forEach((handle, i) => { handle.ariaLabel = handles.length > 1 ? `${name}, ${i + 1} / 2` : name; });
      const said = field.querySelector(".widget-readout");
      if (said && handles.length === 1) handles[0].setAttribute("aria-valuetext", said.textContent);
    }
    const cancel = demo().querySelector(".cl-cancel");
    const working = demo().querySelector(".cl-status progress");
    if (cancel) {
      cancel.hidden = !served() || !working;
      cancel.disabled &&= Boolean(working); // enabled again once the work has ended
    }
    const status = demo().querySelector(".cl-status span");
    if (status) hear(status.textContent);
    picture.refresh();
    count();
    refocus();
  };
  let tidying = 0;
  const observer = new MutationObserver(() => {
    cancelAnimationFrame(tidying);
    tidying = requestAnimationFrame(tidy);
  });
  observer.observe(document.body, { childList: true, characterData: true, subtree: true });
  requestAnimationFrame(tidy);

  const picked = () => [...demo().querySelectorAll(".cl-pick:checked")].map((box) => box.value);
  function count() { // how many photos the buttons over the gallery apply to
    const bar = demo().querySelector(".cl-picked");
    if (!bar) return;
    const names = picked();
    for (const each of bar.querySelectorAll("[data-picked]")) {
      each.toggleAttribute("disabled", !names.length);
      if (each.href !== undefined) {
        names.length ? each.setAttribute("href", `${each.dataset.address}?names=${names.join(",")}`) : each.removeAttribute("href");
        each.setAttribute("aria-disabled", String(!names.length));
      } else each.dataset.do = JSON.stringify({ ...JSON.parse(each.dataset.do), names });
    }
    const all = bar.querySelector(".cl-pick-all");
    const boxes = demo().querySelectorAll(".cl-pick").length;
    all.checked = boxes > 0 && names.length === boxes;
    all.indeterminate = names.length > 0 && names.length < boxes;
  }
  listen(document, "change", (event) => {
    if (!inside(event)) return;
    if (event.target.matches(".cl-pick-all")) {
      for (const box of demo().querySelectorAll(".cl-pick")) box.checked = event.target.checked;
    }
    if (event.target.matches(".cl-pick, .cl-pick-all")) count();
  });
  listen(document, "click", (event) => {
    const button = inside(event) && event.target.closest("[data-do]");
    if (!button || button.hasAttribute("disabled")) return;
    model.send(JSON.parse(button.dataset.do));
  });
  listen(document, "click", (event) => {
    if (inside(event) && event.target.closest(".cl-start")) hear(language.words("Starting"));
  });

  let waiting = 0; // photos sent that Python has not taken yet
  let lost = 0;
  model.on("msg:custom", (message, buffers) => {
    if (message.box) return picture.showDetail(message, buffers);
    clearTimeout(lost);
    waiting = Math.max(0, waiting - message.taken);
    if (!waiting) say();
  });

  // If the kernel has ended, the page looks normal but no button works. A note says so.
  function gone() {
    if (!demo() || demo().querySelector(".cl-gone")) return;
    const note = document.createElement("div");
    note.className = "cl-gone";
    note.setAttribute("role", "alert");
    note.textContent = "The program behind this page has ended. Your colored photos are kept.";
    const again = document.createElement("button");
    again.textContent = "Reload";
    again.className = "cl-button";
    again.onclick = () => location.reload();
    note.append(again);
    demo().prepend(note);
  }
  const kernel = () => {
    const config = served() && document.getElementById("jupyter-config-data");
    return config && JSON.parse(config.textContent).kernelId;
  };
  listen(document, "click", (event) => {
    const button = inside(event) && event.target.closest(".cl-cancel");
    if (!button) return;
    button.disabled = true;
    fetch(`/cancel/${kernel()}`, { method: "POST" });
  });
  async function ping() {
    if (!kernel() || document.hidden) return;
    const answer = await fetch(`/ping/${kernel()}`, { cache: "no-store" }).catch(() => null);
    if (!answer || answer.redirected || !answer.ok) gone();
  }
  const pinging = setInterval(ping, 5000);
  end.signal.addEventListener("abort", () => clearInterval(pinging));
  listen(document, "visibilitychange", () => {
    if (document.hidden) return;
    ping();
    model.send({ ping: true });
    lost = setTimeout(() => say("No answer: if nothing is being colored, reload this page."), 15000);
  });

  async function send(file, first) {
    let blob = file;
    const content = { name: file.name, size: file.size, first };
    try {
      if (file.type.startsWith("video/")) throw new Error("a film"); // Python recognizes it by its name
      if (file.size > model.get("limit")) {
        const smaller = await shrink(file, model.get("limit"));
        blob = smaller.blob;
        content.shrunk = smaller.shrunk;
      }
      model.send(content, undefined, [await blob.arrayBuffer()]);
    } catch (error) {
      model.send({ ...content, refused: true });
    }
  }

  async function take(files) {
    waiting += files.length;
    for (const [i, file] of files.entries()) {
      say(`sending ${i + 1} of ${files.length}: ${file.name}`);
      await send(file, i === 0);
    }
    if (waiting) say("sent; waiting until it is taken");
  }

  const picker = document.createElement("input");
  picker.type = "file";
  picker.multiple = true;
  picker.accept = model.get("accept");
  listen(picker, "change", () => {
    take([...picker.files]);
    picker.value = ""; // lets the user choose the same photo again
  });
  listen(document, "click", (event) => {
    if (!inside(event) || !event.target.closest(".cl-upload")) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    picker.click();
  }, true);

  const files = (data) => (data ? [...data.files] : []);
  const dragged = (event) => (inside(event) || served()) && demo() && event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  listen(document, "dragover", (event) => {
    if (!dragged(event)) return;
    event.preventDefault();
    demo().classList.add("cl-over");
  });
  listen(document, "dragleave", (event) => {
    if (demo() && !(event.relatedTarget && (served() || demo().contains(event.relatedTarget)))) demo().classList.remove("cl-over");
  });
  listen(document, "drop", (event) => {
    if (!dragged(event)) return;
    event.preventDefault();
    event.stopPropagation();
    demo().classList.remove("cl-over");
    take(files(event.dataTransfer));
  }, true);
  listen(document, "paste", (event) => {
    const pasted = files(event.clipboardData);
    const alone = served() || (document.querySelectorAll(".cl-demo").length === 1 && !document.querySelector(".jp-LabShell"));
    if (!pasted.length || !(inside(event) || alone)) return;
    event.preventDefault();
    take(pasted);
  });
  return () => {
    end.abort();
    observer.disconnect();
  };
}

export default { render };
