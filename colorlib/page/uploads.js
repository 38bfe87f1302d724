// Photos from the browser: by the Upload button, by drag and drop, by paste. Each travels as a message of its
// own; one over the limit is shrunk here first, because a message that is too large is lost without a word.

async function shrink(file, limit) {
  const image = await createImageBitmap(file); // turned as its EXIF says
  let scale = Math.min(1, Math.sqrt(16e6 / (image.width * image.height))); // phones draw no more than that
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
  const listen = (target, kind, act, capture = false) =>
    target.addEventListener(kind, act, { signal: end.signal, capture });
  const demo = () => el.closest(".cl-demo");
  const inside = (event) => demo() && event.target.closest && event.target.closest(".cl-demo") === demo();

  const zone = document.createElement("div");
  zone.className = "cl-drop";
  zone.setAttribute("role", "status");
  el.append(zone);
  const say = (text) => {
    zone.textContent = text || "or drop or paste photos";
    zone.classList.toggle("cl-idle", !text);
  };
  say();

  const name = () => { // ipywidgets 8 calls it Upload (0), and here it never counts
    const button = demo() && demo().querySelector(".cl-upload");
    if (button && button.textContent !== "Upload") button.textContent = "Upload";
  };
  const observer = new MutationObserver(name);
  observer.observe(document.body, { childList: true, characterData: true, subtree: true });
  name();

  let waiting = 0; // sent, and not yet taken by Python
  let lost = 0;
  model.on("msg:custom", (message) => {
    clearTimeout(lost);
    waiting = Math.max(0, waiting - message.taken);
    if (!waiting) say();
  });

  // A computer that slept may find its page cut off, and every button dead: better said than found out.
  listen(document, "visibilitychange", () => {
    if (document.hidden) return;
    model.send({ ping: true });
    lost = setTimeout(() => say("No answer: if nothing is being colored, reload this page."), 15000);
  });

  async function send(file, first) {
    let blob = file;
    const content = { name: file.name, size: file.size, first };
    try {
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
    picker.value = ""; // so that the same photo can be chosen again
  });
  listen(document, "click", (event) => {
    if (!inside(event) || !event.target.closest(".cl-upload")) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    picker.click();
  }, true);

  const files = (data) => (data ? [...data.files] : []);
  const dragged = (event) => inside(event) && [...event.dataTransfer.types].includes("Files");
  listen(document, "dragover", (event) => {
    if (!dragged(event)) return;
    event.preventDefault();
    demo().classList.add("cl-over");
  });
  listen(document, "dragleave", (event) => {
    if (demo() && !demo().contains(event.relatedTarget)) demo().classList.remove("cl-over");
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
    const alone = document.querySelectorAll(".cl-demo").length === 1 && !document.querySelector(".jp-LabShell");
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
