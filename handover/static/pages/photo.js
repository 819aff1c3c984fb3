// Makes a chosen photo small before it is sent: a telephone's picture is larger than a request may be, and says where
// it was taken. Without this script the server takes photos of up to 2 MB and cuts the place out itself.

const SIDE = 512;

/** @param {File} file */
async function smaller(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, SIDE / Math.min(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
  return new File([blob], "photo.jpg", { type: "image/jpeg" });
}

for (const form of document.querySelectorAll("form[data-photo]")) {
  const input = /** @type {HTMLInputElement} */ (form.querySelector("input[type=file]"));
  input.addEventListener("change", async () => {
    const file = input.files?.[0];
    if (!file) return;
    try {
      const list = new DataTransfer();
      list.items.add(await smaller(file));
      input.files = list.files;
    } catch {
      // Not a picture this browser can read: the server says so in words.
    }
  });
}
