/* 试点通: small comforts on top of pages that already work without script. ES2019, no inline styles. */
(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("js");

  function each(selector, fn, from) { (from || document).querySelectorAll(selector).forEach(fn); }
  function closest(event, selector) { return event.target.closest ? event.target.closest(selector) : null; }

  /* ---- preferences: kept in cookies so that the server prints them and nothing flashes ---- */
  function keep(name, value) {
    document.cookie = name + "=" + value + ";path=/;max-age=31536000;samesite=lax" + (location.protocol === "https:" ? ";secure" : "");
  }
  function isDark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }
  function showPrefs() {
    each("[data-pref=theme]", function (b) { b.setAttribute("aria-pressed", isDark()); });
    each("[data-pref=type]", function (b) { b.setAttribute("aria-pressed", root.dataset.type === "large"); });
  }
  document.addEventListener("click", function (event) {
    var button = closest(event, "[data-pref]");
    if (!button) return;
    if (button.dataset.pref === "theme") {
      root.dataset.theme = isDark() ? "light" : "dark";
      keep("theme", root.dataset.theme);
    } else {
      root.dataset.type = root.dataset.type === "large" ? "normal" : "large";
      keep("type", root.dataset.type);
    }
    showPrefs();
  });

  /* ---- menus close on Escape and on a click elsewhere ---- */
  document.addEventListener("click", function (event) {
    each("details.menu[open]", function (d) { if (!d.contains(event.target)) d.open = false; });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    each("details.menu[open]", function (d) { d.open = false; d.querySelector("summary").focus(); });
  });

  /* ---- double submit: the pressed button rests until the page comes back ---- */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.hasAttribute("hx-get") || form.hasAttribute("hx-post") || form.method === "get") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    // after this turn, so that the name and value of the pressed button are still sent
    setTimeout(function () { each("button:not([type=button])", function (b) { if (!b.disabled) { b.disabled = true; b.dataset.rested = "1"; } }, form); }, 0);
  });
  window.addEventListener("pageshow", function () {
    each("form[data-sent]", function (f) { delete f.dataset.sent; });
    each("[data-rested]", function (b) { b.disabled = false; delete b.dataset.rested; });
  });

  /* ---- counters, print, copy ---- */
  function count(area) {
    var line = document.getElementById(area.dataset.counter);
    if (!line) return;
    line.querySelector(".num").textContent = Array.from(area.value).length;
    line.classList.toggle("counter--over", Array.from(area.value).length > Number(line.dataset.max));
  }
  document.addEventListener("input", function (event) { if (event.target.dataset.counter) count(event.target); });
  document.addEventListener("click", function (event) {
    if (closest(event, "[data-print]")) window.print();
    var copy = closest(event, "[data-copy]");
    if (!copy) return;
    var words = copy.querySelector("[data-copied]");
    function done() { if (words) words.textContent = words.dataset.copied; }
    if (navigator.clipboard) { navigator.clipboard.writeText(copy.dataset.copy).then(done, function () {}); return; }
    // plain http on an intranet has no clipboard object
    var field = copy.parentNode.querySelector("input");
    if (field) { field.select(); if (document.execCommand("copy")) done(); }
  });

  /* ---- scoring: live weighted sum, number keys ---- */
  function sum(form) {
    var total = 0, missing = 0, out = form.querySelector("[data-score-total]");
    each("fieldset[data-weight]", function (set) {
      var input = set.querySelector("input[type=radio]:checked") || set.querySelector("input[type=number]");
      if (!input || input.value === "") { missing += 1; return; }
      total += Number(input.value) / Number(set.dataset.max) * Number(set.dataset.weight);
    }, form);
    var bonus = form.querySelector("[data-bonus]");
    if (bonus) total += Number(bonus.value) || 0;
    if (!out) return;
    out.querySelector("strong").textContent = total.toFixed(1);
    var rest = form.querySelector("[data-score-missing]");
    if (rest) rest.textContent = missing ? out.dataset.missing.replace("%s", missing) : "";
  }
  function scoreForm(node) { return node.closest ? node.closest("[data-score]") : null; }
  ["change", "input"].forEach(function (kind) {
    document.addEventListener(kind, function (event) { var form = scoreForm(event.target); if (form) sum(form); });
  });
  function keysOn() { return localStorage.getItem("keys") !== "off"; }
  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-keys-switch]")) localStorage.setItem("keys", event.target.checked ? "on" : "off");
  });
  function press(form, key) {
    var here = document.activeElement.closest ? document.activeElement.closest("fieldset[data-weight]") : null;
    var sets = Array.from(form.querySelectorAll("fieldset[data-weight]:not([disabled])"));
    var set = here || sets.find(function (s) { return !s.querySelector("input:checked"); });
    var radio = set && set.querySelector("input[type=radio][value='" + (key === "0" ? "10" : key) + "']");
    if (!radio) return;
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    var next = sets[sets.indexOf(set) + 1];
    if (next) (next.querySelector("input:checked") || next.querySelector("input")).focus(); else radio.focus();
  }
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !keysOn()) return;
    var at = event.target;
    if (at.matches("textarea, select, [contenteditable]") || (at.matches("input") && !/radio|checkbox/.test(at.type))) return;
    if (/^[0-9]$/.test(event.key)) {
      var form = scoreForm(at) || document.querySelector("[data-score]");
      if (form) { event.preventDefault(); press(form, event.key); }
      return;
    }
    var wanted = document.querySelector("[data-keys] [data-key='" + (/^[a-z]$/i.test(event.key) ? event.key.toLowerCase() : "") + "']");
    if (wanted && !wanted.disabled) { event.preventDefault(); wanted.click(); }
  });

  /* ---- autosave: one field at a time, in order, never losing a word ---- */
  var unsent = 0;
  function autosave(form) {
    var url = form.dataset.autosave, store = "draft:" + (form.dataset.key || url), line = form.querySelector("[data-savestate]");
    var queue = {}, acked = {}, busy = false, stopped = false, timers = {}, wait = 2000, leaving = null;
    function state(name, word) {
      if (!line) return;
      line.dataset.state = name;
      line.querySelector("[data-words]").textContent = (line.dataset[name] || "").replace("%s", word || "");
    }
    function remember() {
      var left = Object.keys(queue).length;
      try { if (left) localStorage.setItem(store, JSON.stringify(queue)); else localStorage.removeItem(store); } catch (e) { /* full or forbidden */ }
      form.dataset.unsent = left;
      unsent = 0;
      each("form[data-autosave]", function (f) { unsent += Number(f.dataset.unsent || 0); });
    }
    function values(name) {
      return Array.from(form.elements).filter(function (el) { return el.name === name && ((el.type !== "checkbox" && el.type !== "radio") || el.checked); }).map(function (el) { return el.value; });
    }
    function rev() { return form.querySelector("input[name=rev]"); }
    function send() {
      var name = Object.keys(queue)[0];
      if (busy || stopped || !name) return;
      busy = true;
      var sent = JSON.stringify(queue[name]), body = new URLSearchParams();
      body.append("field", name);
      queue[name].forEach(function (v) { body.append("value", v); });
      if (rev()) body.append("rev", rev().value);
      state("saving");
      fetch(url, { method: "POST", body: body, credentials: "same-origin", headers: { "X-CSRFToken": form.querySelector("input[name=csrfmiddlewaretoken]").value, "X-Requested-With": "XMLHttpRequest" } }).then(function (answer) {
        if (answer.status === 409) return answer.text().then(function (html) { stopped = true; state("conflict"); conflict(html); });
        // signed out, or signed in anew in another tab: the words stay in this browser and are sent when the page is opened again
        if (answer.status === 401 || answer.status === 403) { stopped = true; state("out"); return null; }
        if (answer.status >= 500 || answer.status === 429) throw new Error("retry");
        if (JSON.stringify(queue[name]) === sent) delete queue[name];
        if (answer.ok) acked[name] = sent;
        wait = 2000;
        if (!answer.ok) { state("refused"); return null; }
        return answer.json().then(function (data) {
          if (rev() && data.rev !== undefined) rev().value = data.rev;
          if (data.error) state("refused"); else state("saved", data.at || "");
        });
      }).then(function () { busy = false; remember(); go(); send(); }, function () {
        busy = false; remember(); state("unsent"); go();
        setTimeout(send, wait); wait = Math.min(wait * 2, 60000);
      });
    }
    function go() {
      if (!leaving) return;
      if (leaving === true) form.requestSubmit(); else form.requestSubmit(leaving);
    }
    function conflict(html) {
      var box = form.querySelector("[data-autosave-conflict]") || form.insertBefore(document.createElement("div"), form.firstChild);
      box.innerHTML = html;   // the server's own fragment, same origin
      box.tabIndex = -1;
      box.focus();
    }
    function ours(el) {
      return el.name && !/^(file|hidden|password)$/.test(el.type) && !el.closest("[data-no-autosave]");
    }
    function put(el) {
      if (!ours(el)) return;
      clearTimeout(timers[el.name]);
      var now = values(el.name);
      // leaving a field fires change after the pause has already sent the same words
      if (acked[el.name] === JSON.stringify(now)) delete queue[el.name]; else queue[el.name] = now;
      remember();
      send();
    }
    form.addEventListener("input", function (event) {
      var el = event.target;
      if (!ours(el)) return;
      clearTimeout(timers[el.name]);
      timers[el.name] = setTimeout(function () { put(el); }, 800);
      form.dataset.unsent = 1; unsent += 1;
    });
    form.addEventListener("change", function (event) { put(event.target); });
    form.addEventListener("submit", function (event) {
      if (busy && !leaving) {
        // The words under way raise the revision; sent along with them, the form would collide with itself.
        event.preventDefault();
        event.stopImmediatePropagation();
        leaving = event.submitter || true;
        queue = {};
        return;
      }
      Object.keys(timers).forEach(function (n) { clearTimeout(timers[n]); }); queue = {}; stopped = true; remember();
    });
    window.addEventListener("online", send);
    try { queue = JSON.parse(localStorage.getItem(store) || "{}"); } catch (e) { queue = {}; }
    Object.keys(queue).forEach(function (name) {
      Array.from(form.elements).forEach(function (el) {
        if (el.name !== name) return;
        if (el.type === "checkbox" || el.type === "radio") el.checked = queue[name].indexOf(el.value) >= 0; else el.value = queue[name][0] || "";
      });
    });
    remember();
    if (Object.keys(queue).length) { state("unsent"); send(); }
  }
  window.addEventListener("beforeunload", function (event) {
    if (unsent > 0) { event.preventDefault(); event.returnValue = ""; }
  });

  /* ---- start, also for parts that htmx brings in ---- */
  function start(node) {
    each("textarea[data-counter]", count, node);
    each("[data-score]", sum, node);
    each("form[data-autosave]", autosave, node);
    each("[data-keys-switch]", function (box) { box.checked = keysOn(); }, node);
    each(".flow__box--now", function (box) {   // on a phone the picture opens at the current state
      var pane = box.closest(".picture");
      pane.scrollLeft += box.getBoundingClientRect().left - pane.getBoundingClientRect().left - pane.clientWidth / 2 + 40;
    }, node);
    var summary = node.querySelector("[data-error-summary]");
    if (summary) summary.focus();
  }
  showPrefs();
  start(document);
  document.addEventListener("htmx:afterSwap", function (event) { if (event.target !== document.body) start(event.target); });
})();
