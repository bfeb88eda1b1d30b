/* What a browser says when a passkey did not work, in words a person can act on. */
(function () {
  "use strict";
  var box = document.querySelector("[data-passkey-fault]");
  function say(name) { if (box) { box.hidden = false; box.querySelector("[data-words]").textContent = box.dataset[name]; } }
  document.addEventListener("allauth.error", function (event) {
    event.preventDefault();
    var why = event.detail && event.detail.exception ? event.detail.exception.name : "";
    say(why === "NotAllowedError" || why === "AbortError" ? "cancelled" : why === "InvalidStateError" ? "known" : "failed");
  });
  if (box && !window.PublicKeyCredential) say("missing");
})();
