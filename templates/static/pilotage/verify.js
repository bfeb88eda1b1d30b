/* 试点通: the verify page. A file somebody holds is hashed here and never sent; the fragment of an offline code is checked here.
   Uses filehash.js and offline.js. ES2019. */
(function () {
  "use strict";

  /* A zone with data-sha256 says whether the file is that one; one with data-lookup asks the site about the hash alone. */
  function hashZone(zone) {
    var result = zone.querySelector(".drop__result"), input = zone.querySelector("input[type=file]");
    function say(kind) {
      zone.classList.toggle("drop--same", kind === "same");
      zone.classList.toggle("drop--other", kind !== "same");
      result.textContent = zone.dataset[kind];
    }
    function check(file) {
      if (!file) return;
      hashFile(file, function (share) { result.textContent = Math.round(share * 100) + " %"; }).then(function (hex) {
        if (zone.dataset.lookup) { location.assign(zone.dataset.lookup.replace("0", hex)); return; }
        say(hex === zone.dataset.sha256.replace(/\s/g, "").toLowerCase() ? "same" : "other");
      }, function () { say("fail"); });
    }
    ["dragover", "dragleave", "drop"].forEach(function (kind) {
      zone.addEventListener(kind, function (event) {
        event.preventDefault();
        zone.classList.toggle("drop--over", kind === "dragover");
        if (kind === "drop") check(event.dataTransfer.files[0]);
      });
    });
    input.addEventListener("change", function () { check(input.files[0]); });
  }

  /* What the QR code itself says, signed; and, when somebody types what is printed, whether it is the same. */
  function offlineBox(box) {
    var keys = JSON.parse(box.dataset.keys), said = box.querySelector("[data-said]"), form = box.querySelector("[data-printed]");
    var compared = box.querySelector("[data-compared]"), known = null;
    function show() {
      if (!/^#[A-Z2-7]{100,}$/.test(location.hash)) return;
      box.hidden = false;
      verifyOffline(location.hash, keys).then(function (answer) {
        known = answer.ok ? answer : null;
        var today = new Date(Date.now() + 8 * 3600000).toISOString().slice(0, 10);
        var words = answer.ok ? (answer.validTo && answer.validTo < today ? box.dataset.expired : box.dataset.ok) : box.dataset[answer.reason];
        said.textContent = words.replace("{code}", answer.code).replace("{day}", answer.validTo || box.dataset.forever);
        box.classList.toggle("drop--same", answer.ok);
        box.classList.toggle("drop--other", !answer.ok);
        form.hidden = !answer.ok;
      });
    }
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      offlinePrinted(form.elements.serial.value, form.elements.holder.value).then(function (printed) {
        compared.textContent = known && printed === known.printed ? box.dataset.same : box.dataset.other;
      });
    });
    window.addEventListener("hashchange", show);
    show();
  }

  document.querySelectorAll("[data-sha256],[data-lookup]").forEach(hashZone);
  document.querySelectorAll("[data-offline]").forEach(offlineBox);
})();
