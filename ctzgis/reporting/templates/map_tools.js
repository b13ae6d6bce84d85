/* Tools of a map: measuring, finding, full screen, print, base map. */
var ctzgisTools = (function (L) {
  "use strict";

  function add(parent, tag, className, text) {
    var node = document.createElement(tag);
    if (className) { node.className = className; }
    if (text !== undefined) { node.textContent = text; }
    if (parent) { parent.appendChild(node); }
    return node;
  }

  /* Length of a way in metres, and area of a ring in square metres, both of great
     circles on the sphere of 6,371 km that Leaflet measures on. */
  function length(points) {
    var sum = 0;
    for (var i = 1; i < points.length; i += 1) { sum += L.CRS.Earth.distance(points[i - 1], points[i]); }
    return sum;
  }

  function area(points) {
    var excess = 0, half = Math.PI / 360;
    points.forEach(function (a, i) {
      var b = points[(i + 1) % points.length];
      var p = Math.tan(a.lat * half), q = Math.tan(b.lat * half);
      excess += 2 * Math.atan2(Math.tan((b.lng - a.lng) * half) * (p + q), 1 + p * q);
    });
    return Math.abs(excess) * L.CRS.Earth.R * L.CRS.Earth.R;
  }

  function number(value, lang) {
    var digits = value >= 100 ? 1 : 2;
    return value.toLocaleString(lang, { maximumFractionDigits: digits });
  }

  function said(metres, power, words, lang) {
    var large = power === 2 ? metres >= 1e5 : metres >= 1000;
    var unit = (large ? "km" : "m") + (power === 2 ? "2" : "");
    return number(large ? metres / Math.pow(1000, power) : Math.round(metres), lang) + " " + words[unit];
  }

  /* Points set by clicks, or by Enter in the middle of the map, until a double click. */
  function measure(map, words, lang, box) {
    var container = map.getContainer();
    map.createPane("ctzgis-measure").style.zIndex = 450;
    map.getPane("ctzgis-measure").style.pointerEvents = "none";
    var drawn = L.featureGroup().addTo(map);
    var kind = null, points = [], pressed = null, button = null;
    var cross = add(container, "div", "ctzgis-cross");
    cross.hidden = true;
    var look = { color: "#a50044", weight: 2.5, fillColor: "#a50044", fillOpacity: 0.12, interactive: false,
      pane: "ctzgis-measure", renderer: L.svg({ pane: "ctzgis-measure" }) };

    function show() {
      drawn.clearLayers();
      if (points.length) {
        var shape = kind === "area" && points.length > 2 ? L.polygon(points, look) : L.polyline(points, L.extend({}, look, { fill: false }));
        shape.addTo(drawn);
        points.forEach(function (at) { L.circleMarker(at, L.extend({}, look, { radius: 3, fillOpacity: 1 })).addTo(drawn); });
      }
      var value = kind === "area"
        ? (points.length > 2 ? words.surface + " " + said(area(points), 2, words, lang) + " · " : "") +
          words.perimeter + " " + said(length(points.length > 2 ? points.concat([points[0]]) : points), 1, words, lang)
        : words.length + " " + said(length(points), 1, words, lang);
      box.result.textContent = points.length > 1 ? value + "（" + words.on_sphere + "）" : "";
      if (lang === "en") { box.result.textContent = box.result.textContent.replace("（", " (").replace("）", ")"); }
    }
    function put(at) { points.push(at); show(); }
    function end() {
      if (!kind) { return; }
      container.classList.remove("ctzgis-measuring");
      cross.hidden = true;
      map.doubleClickZoom.enable();
      button.setAttribute("aria-pressed", "false");
      kind = null;
    }
    function start(wanted, by) {
      end();
      points = [];
      kind = wanted;
      button = by;
      box.open(words.measure_hint);
      show();
      map.closePopup();
      map.doubleClickZoom.disable();
      container.classList.add("ctzgis-measuring");
      cross.hidden = false;
      button.setAttribute("aria-pressed", "true");
      container.focus({ preventScroll: true });
    }
    function clear() { end(); points = []; drawn.clearLayers(); box.result.textContent = ""; }
    function onMap(event) {
      return kind && !event.target.closest(".leaflet-control, .ctzgis-head, .ctzgis-foot, .ctzgis-tool");
    }
    container.addEventListener("mousedown", function (event) { pressed = [event.clientX, event.clientY]; }, true);
    container.addEventListener("click", function (event) {
      if (!onMap(event)) { return; }
      event.stopPropagation();
      var moved = pressed && Math.abs(event.clientX - pressed[0]) + Math.abs(event.clientY - pressed[1]) > 5;
      if (!moved && event.detail < 2) { put(map.mouseEventToLatLng(event)); }
    }, true);
    container.addEventListener("dblclick", function (event) {
      if (!onMap(event)) { return; }
      event.stopPropagation();
      end();
    }, true);
    container.addEventListener("keydown", function (event) {
      if (!kind || event.target !== container) { return; }
      if (event.key === "Enter") { put(map.getCenter()); event.preventDefault(); }
      if (event.key === "Escape") { clear(); box.close(); }
    });
    return { start: start, end: end, clear: clear };
  }

  function plain(text) { return text.normalize("NFKC").toLowerCase().trim(); }

  /* A field that lists the things of all layers whose name holds what is typed. */
  function search(map, config, box) {
    var MOST = 12, hits = [], at = -1;
    var field = add(null, "input", "ctzgis-search");
    var list = add(null, "ul", "ctzgis-hits");
    field.type = "search";
    field.autocomplete = "off";
    field.placeholder = config.words.search;
    list.id = config.frame + "_hits";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", config.words.search);
    [["role", "combobox"], ["aria-label", config.words.search], ["aria-controls", list.id],
      ["aria-expanded", "false"], ["aria-autocomplete", "list"]].forEach(function (pair) { field.setAttribute(pair[0], pair[1]); });

    function matches(typed) {
      var found = [];
      config.entries.forEach(function (entry) {
        var seen = {};
        entry.layer.ctzgisThings.forEach(function (thing) {
          var place = plain(thing.title).indexOf(typed);
          if (place < 0 || seen["_" + thing.title]) { return; }
          seen["_" + thing.title] = true;
          found.push({ title: thing.title, layer: thing.layer, entry: entry, place: place });
        });
      });
      return found.sort(function (a, b) { return a.place - b.place || a.title.length - b.title.length; }).slice(0, MOST);
    }
    function go(hit) {
      if (!map.hasLayer(hit.entry.layer)) { map.addLayer(hit.entry.layer); }
      if (hit.layer.getBounds) { map.fitBounds(hit.layer.getBounds(), L.extend({ maxZoom: 13, animate: false }, config.padding())); }
      else { map.setView(hit.layer.getLatLng(), Math.max(map.getZoom(), 12), { animate: false }); }
      hit.layer.openPopup();
    }
    function mark(index) {
      at = index;
      Array.prototype.forEach.call(list.children, function (line, i) { line.setAttribute("aria-selected", String(i === at)); });
      if (at >= 0) { field.setAttribute("aria-activedescendant", list.id + at); list.children[at].scrollIntoView({ block: "nearest" }); }
      else { field.removeAttribute("aria-activedescendant"); }
    }
    function update() {
      var typed = plain(field.value);
      hits = typed ? matches(typed) : [];
      list.textContent = "";
      hits.forEach(function (hit, i) {
        var line = add(list, "li");
        line.id = list.id + i;
        line.setAttribute("role", "option");
        add(line, "b", "", hit.title);
        add(line, "span", "", hit.entry.name);
        line.addEventListener("click", function () { mark(i); go(hit); });
      });
      box.result.textContent = typed && !hits.length ? config.words.none_found : "";
      field.setAttribute("aria-expanded", String(hits.length > 0));
      mark(hits.length ? 0 : -1);
    }
    field.addEventListener("input", update);
    field.addEventListener("keydown", function (event) {
      var steps = { ArrowDown: 1, ArrowUp: -1 };
      if (steps[event.key] && hits.length) { mark((at + steps[event.key] + hits.length) % hits.length); event.preventDefault(); }
      if (event.key === "Enter" && at >= 0) { go(hits[at]); event.preventDefault(); }
      if (event.key === "Escape") { box.close(); map.getContainer().focus({ preventScroll: true }); }
    });
    return function () { field.value = ""; update(); box.open("", [field, list]); field.focus(); };
  }

  /* The one place beside the buttons where a tool says what it has to say. */
  function toolBox(map, words, onClose) {
    var node = add(map.getContainer(), "div", "ctzgis-tool ctzgis-box");
    node.hidden = true;
    var shut = add(node, "button", "ctzgis-close", "×");
    shut.type = "button";
    shut.setAttribute("aria-label", words.close);
    var body = add(node, "div");
    var result = add(node, "output", "ctzgis-result");
    result.setAttribute("aria-live", "polite");
    L.DomEvent.disableClickPropagation(node);
    L.DomEvent.disableScrollPropagation(node);
    var box = {
      node: node,
      result: result,
      open: function (hint, parts) {
        body.textContent = hint;
        result.textContent = "";
        (parts || []).forEach(function (part) { body.appendChild(part); });
        node.hidden = false;
      },
      close: function () { node.hidden = true; onClose(); }
    };
    shut.addEventListener("click", box.close);
    return box;
  }

  function fullScreen(container) {
    if (document.fullscreenElement) { document.exitFullscreen(); return; }
    if (container.requestFullscreen) { container.requestFullscreen(); }
  }

  /* Paper is A3 across, less 8 mm on each side, in the pixels of style sheets (1/96 inch). */
  var PAPER = { width: 1520, height: 1055 };

  /* Fit the map to the sheet before it is printed, at twice the screen's sharpness. */
  function printing(map, config, boxes, ratio, refit) {
    var before = null, container = map.getContainer();
    function redraw(retina) {
      L.Browser.retina = retina;
      map.invalidateSize({ animate: false, pan: false });
      refit();
      map.fitBounds(before.bounds, { animate: false });
      map.eachLayer(function (layer) { if (layer instanceof L.Canvas) { layer._update(); layer._redraw(); } });
    }
    window.addEventListener("beforeprint", function () {
      if (before) { return; }
      before = { bounds: map.getBounds(), open: boxes.map(function (b) { return b.open; }), retina: L.Browser.retina,
        width: container.style.width, height: container.style.height, centre: map.getCenter(), zoom: map.getZoom() };
      boxes[1].open = true;
      container.classList.add("ctzgis-paper");
      container.style.width = PAPER.width + "px";
      container.style.height = PAPER.height + "px";
      redraw(true);
      var size = map.getSize(), left = map.containerPointToLatLng([0, size.y / 2]), right = map.containerPointToLatLng([size.x, size.y / 2]);
      var scale = map.distance(left, right) / size.x / (0.0254 / 96);
      var digits = Math.pow(10, Math.floor(Math.log(scale) / Math.LN10) - 1);
      ratio.textContent = config.words.about + " 1:" + (Math.round(scale / digits) * digits).toLocaleString(config.lang) + " (" + config.words.scale_on_a3 + ")";
      config.relabel();
    });
    window.addEventListener("afterprint", function () {
      if (!before) { return; }
      var was = before;
      container.classList.remove("ctzgis-paper");
      container.style.width = was.width;
      container.style.height = was.height;
      redraw(was.retina);
      map.setView(was.centre, was.zoom, { animate: false });
      boxes.forEach(function (b, i) { b.open = was.open[i]; });
      ratio.textContent = "";
      before = null;
      config.relabel();
    });
  }

  /* Tiles below everything; a key that the page was not given is asked for and kept nowhere. */
  function base(map, options, words, panel) {
    var layers = [];
    function tiles(key) {
      return options.tiles.map(function (address) {
        return L.tileLayer(address.replace("{tk}", encodeURIComponent(key)), {
          subdomains: options.subdomains || "a", maxNativeZoom: options.maxZoom, maxZoom: 22
        });
      });
    }
    function show(on) { layers.forEach(function (layer) { if (on) { layer.addTo(map); } else { layer.remove(); } }); }
    var part = add(null, "details");
    part.open = true;
    add(part, "summary", "", words.base);
    var line = add(part, "label");
    var tick = add(line, "input");
    tick.type = "checkbox";
    tick.setAttribute("data-base", options.name);
    line.appendChild(document.createTextNode(options.name));
    tick.addEventListener("change", function () { show(tick.checked); });
    panel.insertBefore(part, panel.children[1] || null);
    function begin(key) { show(false); layers = tiles(key); tick.checked = true; tick.disabled = false; show(true); }
    if (!options.asks || options.key) { begin(options.key); return; }
    tick.disabled = true;
    var form = add(part, "form", "ctzgis-key");
    var label = add(form, "label", "", words.key_label);
    var field = add(label, "input");
    field.type = "password";
    field.autocomplete = "off";
    add(form, "button", "", words.key_show).type = "submit";
    add(form, "small", "", words.key_hint);
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      if (field.value.trim()) { begin(field.value.trim()); field.value = ""; }
    });
    panel.open = true;
  }

  return { add: add, area: area, base: base, fullScreen: fullScreen, length: length, measure: measure,
    printing: printing, search: search, toolBox: toolBox };
})(window.L);
