/* 试点通: SHA-256 of a file in the page, so that a file can be asked about without being sent. ES2019.

   hashFile(file, progress) -> Promise of 64 hexadecimal digits; progress(share from 0 to 1) is called as it goes.
   The browser's own hash needs a secure context, and offices' inner sites are plain http: then the file is read and
   hashed here, a piece at a time, and the page stays alive in between. */
(function () {
  "use strict";
  var PIECE = 1048576, BREATH = 12;
  var K = new Uint32Array(64);
  var START = new Uint32Array(8);

  /* The constants are the fractions of the cube and square roots of the first primes (FIPS 180-4, 4.2.2 and 5.3.3). */
  (function () {
    function fraction(root) { return Math.floor((root - Math.floor(root)) * 4294967296); }
    for (var n = 2, found = 0; found < 64; n++) {
      var prime = true;
      for (var d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
      if (!prime) continue;
      if (found < 8) START[found] = fraction(Math.sqrt(n));
      K[found++] = fraction(Math.cbrt(n));
    }
  })();

  function Sha256() {
    this.state = START.slice();
    this.words = new Uint32Array(64);
    this.rest = new Uint8Array(64);
    this.kept = 0;
    this.size = 0;
  }
  Sha256.prototype.block = function (bytes, at) {
    var w = this.words, s = this.state;
    for (var i = 0; i < 16; i++, at += 4) {
      w[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    }
    for (i = 16; i < 64; i++) {
      var x = w[i - 15], y = w[i - 2];
      w[i] = w[i - 16] + w[i - 7]
        + (((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3))
        + (((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10));
    }
    var a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
    for (i = 0; i < 64; i++) {
      var t = (h + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7)))
        + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      var u = ((((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10)))
        + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t) | 0; d = c; c = b; b = a; a = (t + u) | 0;
    }
    s[0] += a; s[1] += b; s[2] += c; s[3] += d; s[4] += e; s[5] += f; s[6] += g; s[7] += h;
  };
  Sha256.prototype.add = function (bytes) {
    var at = 0;
    this.size += bytes.length;
    if (this.kept) {
      at = Math.min(64 - this.kept, bytes.length);
      this.rest.set(bytes.subarray(0, at), this.kept);
      this.kept += at;
      if (this.kept < 64) return;
      this.block(this.rest, 0);
      this.kept = 0;
    }
    for (; at + 64 <= bytes.length; at += 64) this.block(bytes, at);
    this.rest.set(bytes.subarray(at));
    this.kept = bytes.length - at;
  };
  Sha256.prototype.end = function () {
    var size = this.size, tail = new Uint8Array(((this.kept < 56 ? 64 : 128) - this.kept));
    tail[0] = 128;
    var view = new DataView(tail.buffer);
    view.setUint32(tail.length - 8, Math.floor(size / 536870912));
    view.setUint32(tail.length - 4, (size << 3) >>> 0);
    this.add(tail);
    return Array.from(this.state, function (word) { return word.toString(16).padStart(8, "0"); }).join("");
  };

  function pause() { return new Promise(function (resolve) { setTimeout(resolve, 0); }); }

  async function plainHash(file, progress) {
    var hash = new Sha256(), since = performance.now();
    for (var at = 0; at < file.size; at += PIECE) {
      var piece = new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
      for (var from = 0; from < piece.length; from += 65536) {
        hash.add(piece.subarray(from, from + 65536));
        if (performance.now() - since > BREATH) {
          if (progress) progress((at + from) / file.size);
          await pause();
          since = performance.now();
        }
      }
    }
    if (progress) progress(1);
    return hash.end();
  }

  async function hashFile(file, progress) {
    if (!(self.crypto && self.crypto.subtle)) return plainHash(file, progress);
    var digest = new Uint8Array(await self.crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    if (progress) progress(1);
    return Array.from(digest, function (b) { return b.toString(16).padStart(2, "0"); }).join("");
  }

  self.hashFile = hashFile;
  self.hashFile.plain = plainHash;
})();
