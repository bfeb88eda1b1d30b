/* Starts the package's scripts for passkeys by attribute, without inline code, and says in words a person can act on what did
   not work. <div data-passkey="addForm" data-ids='{"add": …}'>: which form, and the ids of its parts. */
(function () {
  "use strict";
  var box = document.querySelector("[data-passkey-fault]");
  function say(name) { if (box) { box.hidden = false; box.querySelector("[data-words]").textContent = box.dataset[name]; } }
  document.addEventListener("allauth.error", function (event) {
    event.preventDefault();
    var why = event.detail && event.detail.exception ? event.detail.exception.name : "";
    say(why === "NotAllowedError" || why === "AbortError" ? "cancelled" : why === "InvalidStateError" ? "known" : "failed");
  });
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-passkey]").forEach(function (node) {
      window.allauth.webauthn.forms[node.dataset.passkey]({ ids: JSON.parse(node.dataset.ids) });
    });
    if (box && !window.PublicKeyCredential && !document.getElementById("mfa_login")) say("missing");
  });
})();
