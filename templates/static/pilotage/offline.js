/* 试点通: checks the fragment of an offline QR code (approvals/certificates/offline.py) in the page. Nothing is sent. ES2019.

   verifyOffline(fragment, keys) -> Promise of {ok, reason, code, validTo, printed}
     keys: JWKs of the site. reason: "" | "form" | "key" | "signature" | "insecure" (no WebCrypto: the page came over http).
     validTo: "2029-09-17" or "" (no last day). printed: 24 hexadecimal digits, to compare with:
   offlinePrinted(serial, holder) -> Promise of 24 hexadecimal digits, or "" without WebCrypto. */
(function () {
  "use strict";
  var ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  var SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  var PURPOSE = "pilotage-offline-1\0";
  var LENGTH = 90, FACTS = 26, DAY = 86400000;

  function bytesOf(text) {
    var out = [], bits = 0, value = 0;
    for (var i = 0; i < text.length; i++) {
      var digit = ALPHABET.indexOf(text[i]);
      if (digit < 0) return null;
      value = (value << 5) | digit;
      bits += 5;
      if (bits >= 8) { bits -= 8; out.push((value >> bits) & 255); value &= (1 << bits) - 1; }
    }
    return value === 0 ? new Uint8Array(out) : null;
  }
  function unbase64(text) {
    var raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(raw, function (c) { return c.charCodeAt(0); });
  }
  function hex(bytes) {
    return Array.from(bytes, function (b) { return b.toString(16).padStart(2, "0"); }).join("");
  }
  function codeOf(bytes) {
    var bits = Array.from(bytes, function (b) { return b.toString(2).padStart(8, "0"); }).join(""), code = "";
    for (var i = 0; i < 50; i += 5) code += SYMBOLS[parseInt(bits.slice(i, i + 5), 2)];
    return code;
  }
  function dayOf(high, low) {
    var days = high * 256 + low;
    return days ? new Date(Date.UTC(2000, 0, 1) + days * DAY).toISOString().slice(0, 10) : "";
  }
  function subtle() { return self.crypto && self.crypto.subtle; }
  function refused(reason) { return { ok: false, reason: reason, code: "", validTo: "", printed: "" }; }

  async function verifyOffline(fragment, keys) {
    var data = bytesOf(fragment.replace(/^#/, ""));
    if (!data || data.length !== LENGTH || data[0] !== 1) return refused("form");
    if (!subtle()) return refused("insecure");
    var known = keys.filter(function (key) {
      return key.crv === "P-256" && hex(unbase64(key.kid).slice(0, 4)) === hex(data.slice(1, 5));
    })[0];
    if (!known) return refused("key");
    var jwk = { kty: known.kty, crv: known.crv, x: known.x, y: known.y };
    var ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    var key = await subtle().importKey("jwk", jwk, ecdsa, false, ["verify"]);
    var signed = new Uint8Array(PURPOSE.length + FACTS);
    signed.set(new TextEncoder().encode(PURPOSE));
    signed.set(data.slice(0, FACTS), PURPOSE.length);
    if (!(await subtle().verify(ecdsa, key, data.slice(FACTS), signed))) return refused("signature");
    return {
      ok: true, reason: "", code: codeOf(data.slice(5, 12)), validTo: dayOf(data[12], data[13]), printed: hex(data.slice(14, 26))
    };
  }

  async function offlinePrinted(serial, holder) {
    if (!subtle()) return "";
    var text = (serial.trim() + "\n" + holder.trim()).normalize("NFC");
    return hex(new Uint8Array(await subtle().digest("SHA-256", new TextEncoder().encode(text))).slice(0, 12));
  }

  self.verifyOffline = verifyOffline;
  self.offlinePrinted = offlinePrinted;
})();
