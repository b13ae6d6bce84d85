/* Layers, panel, legend, labels and frame of a map.
   Text from data only ever becomes a text node; nothing here parses it as HTML. */
var ctzgis = (function (L, ctzgisTools, ctzgisSigns) {
  "use strict";
  L.Canvas.mergeOptions({ tolerance: 4, padding: 0.3 });  /* thin lines can be clicked */
  var PRIORITY = ["centre", "heart", "element", "town", "place", "water", "county"];

  var add = ctzgisTools.add;

  function card(properties) {
    var box = add(null, "div", "ctzgis-card");
    add(box, "b", "", properties.t);
    var table = add(box, "table");
    properties.r.forEach(function (row) {
      var line = add(table, "tr");
      add(line, "th", "", row[0]);
      add(line, "td", "", row[1]);
    });
    return box;
  }

  /* Draw the features of a layer into a group; `labels` are placed by `finish`. */
  function fill(group, collection, options) {
    group.ctzgisLabels = options.labels.map(function (label) {
      var text = add(null, "span", "", label.text);
      if (label.colour) { text.style.color = label.colour; }
      var icon = L.divIcon({ className: "ctzgis-label ctzgis-label-" + label.kind, html: text, iconSize: null });
      var marker = L.marker(label.at[0], { icon: icon, interactive: false, keyboard: false });
      return { kind: label.kind, at: label.at, beside: label.beside, text: text, marker: marker.addTo(group) };
    });
    group.ctzgisThings = [];
    L.geoJSON(collection, {
      interactive: options.interactive,
      style: function (feature) { return options.styles[feature.properties.s]; },
      pointToLayer: function (feature, at) { return L.circleMarker(at, options.styles[feature.properties.s]); },
      onEachFeature: function (feature, layer) {
        if (!options.interactive) { return; }
        group.ctzgisThings.push({ title: feature.properties.t, layer: layer });
        layer.bindPopup(function () { return card(feature.properties); }, { maxWidth: 320 });
        if (options.hover) {
          layer.bindTooltip(function () { return add(null, "span", "", feature.properties.t); }, { sticky: true });
          layer.on("popupopen", function () { layer.closeTooltip(); });
        }
      }
    }).addTo(group);
  }

  function visible(map, entries) {
    return entries.filter(function (entry) { return map.hasLayer(entry.layer); });
  }

  /* Higher ranks over lower ones, in whatever order layers were switched on. */
  function restack(map, entries) {
    visible(map, entries)
      .sort(function (a, b) { return a.rank - b.rank; })
      .forEach(function (entry) { entry.layer.bringToFront(); });
  }

  function control(map, position, className, title, open) {
    var box = add(null, "details", "ctzgis-box " + className);
    box.open = open;
    add(box, "summary", "", title);
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    var Control = L.Control.extend({ onAdd: function () { return box; } });
    new Control({ position: position }).addTo(map);
    return box;
  }

  function panel(map, config, open) {
    var box = control(map, "topright", "ctzgis-panel", config.words.layers, open);
    config.groups.forEach(function (group) {
      var part = add(box, "details");
      part.open = true;
      var head = add(part, "summary");
      var whole = add(head, "input");
      whole.type = "checkbox";
      whole.setAttribute("data-group", group.title);
      whole.setAttribute("aria-label", group.title + " " + config.words.all_of);
      head.appendChild(document.createTextNode(group.title));
      function count() {
        var on = visible(map, group.layers).length;
        whole.checked = on === group.layers.length;
        whole.indeterminate = on > 0 && on < group.layers.length;
      }
      whole.addEventListener("change", function () {
        var wanted = whole.checked;
        group.layers.forEach(function (entry) {
          if (wanted) { map.addLayer(entry.layer); } else { map.removeLayer(entry.layer); }
        });
      });
      group.layers.forEach(function (entry) {
        var line = add(part, "label");
        var tick = add(line, "input");
        tick.type = "checkbox";
        tick.checked = map.hasLayer(entry.layer);
        tick.setAttribute("data-layer", entry.id);
        line.appendChild(document.createTextNode(entry.name));
        tick.addEventListener("change", function () {
          if (tick.checked) { map.addLayer(entry.layer); } else { map.removeLayer(entry.layer); }
        });
        entry.layer.on("add remove", function (event) {
          tick.checked = event.type === "add";
          count();
          map.fire(tick.checked ? "overlayadd" : "overlayremove", { layer: entry.layer, name: entry.name });
        });
      });
      count();
    });
    return box;
  }

  /* Entries of the layers that are on: plain ones first, each once, then those of
     layers with a heading, under it; where layers have their own classes of one
     measure, each has a part with its name. */
  function legend(map, config, open) {
    var box = control(map, "bottomleft", "ctzgis-legend", config.words.legend, open);
    var list = add(box, "div", "ctzgis-entries");
    var headed = add(box, "div");
    function write(parent, items) {
      var seen = {};
      items.forEach(function (item) {
        var key = item.label + JSON.stringify(item.look);
        if (seen[key]) { return; }
        seen[key] = true;
        var line = add(parent, "div", "ctzgis-entry");
        line.appendChild(ctzgisSigns.swatch(item.look));
        add(line, "span", "", item.label);
      });
    }
    function update() {
      var plain = [], blocks = [];
      list.textContent = "";
      headed.textContent = "";
      visible(map, config.entries).forEach(function (entry) {
        if (!entry.heading) { plain = plain.concat(entry.legend); return; }
        var block = blocks.filter(function (b) { return b.heading === entry.heading && b.classes === entry.classes; })[0];
        if (!block) { block = { heading: entry.heading, classes: entry.classes, names: [], items: [] }; blocks.push(block); }
        block.names.push(entry.name);
        block.items = block.items.concat(entry.legend);
      });
      blocks.forEach(function (block) {
        var namesakes = blocks.filter(function (b) { return b.heading === block.heading; });
        block.title = block.heading + (namesakes.length > 1 ? " · " + block.names.join(config.words.comma) : "");
      });
      write(list, plain);
      blocks.forEach(function (block) {
        var part = add(headed, "section");
        add(part, "h3", "", block.title);
        block.items.sort(function (a, b) { return a.rank - b.rank; });
        write(add(part, "div", "ctzgis-entries"), block.items);
      });
    }
    map.on("overlayadd overlayremove", update);
    update();
    return box;
  }

  function overlaps(a, b) {
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  }

  /* Write as many labels as fit, the important ones first, none over another. */
  function label(map, config) {
    var waiting = false;
    function boxes() {
      var origin = map.getContainer().getBoundingClientRect();
      return config.covers.map(function (node) {
        var r = node.getBoundingClientRect();
        return { left: r.left - origin.left, right: r.right - origin.left, top: r.top - origin.top, bottom: r.bottom - origin.top };
      });
    }
    function anchors(item, width, height) {
      if (!item.beside) { return [[-width / 2, -height / 2]]; }
      return [[9, -height / 2], [-9 - width, -height / 2], [-width / 2, -9 - height], [-width / 2, 9]];
    }
    function place(item, taken, size) {
      var width = item.text.offsetWidth, height = item.text.offsetHeight;
      for (var i = 0; i < item.at.length; i += 1) {
        var point = map.latLngToContainerPoint(item.at[i]);
        var offsets = anchors(item, width, height);
        for (var j = 0; j < offsets.length; j += 1) {
          var left = point.x + offsets[j][0], top = point.y + offsets[j][1];
          var box = { left: left - 2, top: top - 1, right: left + width + 2, bottom: top + height + 1 };
          var inside = box.left > 0 && box.top > 0 && box.right < size.x && box.bottom < size.y;
          if (inside && !taken.some(function (other) { return overlaps(box, other); })) {
            item.marker.setLatLng(item.at[i]);
            item.text.style.left = offsets[j][0] + "px";
            item.text.style.top = offsets[j][1] + "px";
            taken.push(box);
            return true;
          }
        }
      }
      return false;
    }
    function arrange() {
      waiting = false;
      var taken = boxes(), size = map.getSize(), items = [];
      visible(map, config.entries).forEach(function (entry) { items = items.concat(entry.layer.ctzgisLabels); });
      items.sort(function (a, b) { return PRIORITY.indexOf(a.kind) - PRIORITY.indexOf(b.kind); });
      items.forEach(function (item) {
        item.text.style.visibility = place(item, taken, size) ? "visible" : "hidden";
      });
    }
    function later() {
      if (!waiting) { waiting = true; L.Util.requestAnimFrame(arrange); }
    }
    map.on("zoomend moveend resize overlayadd overlayremove", later);
    config.covers.forEach(function (node) { node.addEventListener("toggle", later, true); });
    config.relabel = arrange;
    later();
  }

  function button(bar, name, title, act) {
    var node = add(bar, "a", "ctzgis-view", name);
    node.href = "#";
    node.title = title;
    node.setAttribute("role", "button");
    node.setAttribute("aria-label", title);
    L.DomEvent.on(node, "click", function (event) {
      L.DomEvent.stop(event);
      act(node);
    });
    L.DomEvent.on(node, "keydown", function (event) {
      if (event.key === " ") { L.DomEvent.stop(event); act(node); }
    });
    return node;
  }

  function bar(map) {
    var node = add(null, "div", "leaflet-bar");
    L.DomEvent.disableClickPropagation(node);
    var Control = L.Control.extend({ onAdd: function () { return node; } });
    new Control({ position: "topleft" }).addTo(map);
    return node;
  }

  function tools(map, config) {
    var words = config.words, ruler;
    var box = ctzgisTools.toolBox(map, words, function () { ruler.clear(); });
    ruler = ctzgisTools.measure(map, words, config.lang, box);
    var find = ctzgisTools.search(map, config, box);
    var views = bar(map), own = bar(map);
    config.views.forEach(function (view) {
      button(views, view.name, view.name, function () { map.fitBounds(view.bounds, config.padding()); });
    });
    button(own, words.search_short, words.search, function () { ruler.clear(); find(); });
    ["distance", "area"].forEach(function (kind) {
      button(own, words[kind + "_short"], words[kind], function (node) { ruler.start(kind, node); }).setAttribute("data-tool", kind);
    });
    if (document.fullscreenEnabled) {
      button(own, words.full_short, words.full, function () { ctzgisTools.fullScreen(map.getContainer()); });
    }
    button(own, words.print_short, words.print, function () { window.print(); });
    return box;
  }

  /* Put the frame round a map whose groups, in the order of the panel, are `layers`. */
  function finish(map, config, layers) {
    var container = map.getContainer();
    container.classList.add("ctzgis-map");
    container.setAttribute("lang", config.lang);
    container.setAttribute("role", "region");
    var frame = document.getElementById(config.frame);
    var frameParts = Array.prototype.slice.call(frame.children);
    frameParts.forEach(function (node) {
      L.DomEvent.disableClickPropagation(node);
      L.DomEvent.disableScrollPropagation(node);
      container.appendChild(node);
    });
    frame.remove();
    var title = frameParts[0].querySelector("h1");
    title.title = title.textContent;  /* a long one may be cut */
    container.setAttribute("aria-label", title.textContent);
    map.invalidateSize({ animate: false, pan: false });  /* the frame had made the page scroll */
    config.entries = [];
    config.groups.forEach(function (group) { config.entries = config.entries.concat(group.layers); });
    config.entries.forEach(function (entry, index) { entry.layer = layers[index]; });
    var roomy = map.getSize().x > 900 && map.getSize().y > 560;
    [["in", config.words.zoom_in], ["out", config.words.zoom_out]].forEach(function (pair) {
      var node = container.querySelector(".leaflet-control-zoom-" + pair[0]);
      if (node) { node.title = pair[1]; node.setAttribute("aria-label", pair[1]); }
    });
    var scale = L.control.scale({ imperial: false, maxWidth: 160, position: "bottomright" }).addTo(map);
    var ratio = add(scale.getContainer(), "div", "ctzgis-ratio");
    var boxes = [panel(map, config, roomy), legend(map, config, roomy)];
    function fit() {
      container.style.setProperty("--bar", frameParts[0].offsetHeight + "px");
      container.style.setProperty("--foot", frameParts[2].offsetHeight + "px");
      var room = map.getSize().y - frameParts[0].offsetHeight - frameParts[2].offsetHeight;
      var below = container.querySelector(".leaflet-bottom.leaflet-right").offsetHeight;
      var above = container.querySelector(".leaflet-top.leaflet-left").offsetHeight;
      var paper = container.classList.contains("ctzgis-paper");
      boxes[0].style.maxHeight = Math.max(room - below - 24, 80) + "px";
      /* Under the tools, or beside them where there is no height for both. */
      var under = room - above - 24, beside = under < 80 && !paper;
      boxes[1].classList.toggle("ctzgis-beside", beside);
      boxes[1].style.maxHeight = (paper || beside ? room - 24 : under) + "px";
      /* Above the scale, or beside it where the panel reaches down to it. */
      var low = boxes[0].getBoundingClientRect().bottom > frameParts[2].getBoundingClientRect().top - 110;
      frameParts[1].classList.toggle("ctzgis-aside", low && !paper);
    }
    config.padding = function () {
      var right = boxes[0].open && !container.classList.contains("ctzgis-paper") ? boxes[0].offsetWidth : 0;
      return { paddingTopLeft: [10, frameParts[0].offsetHeight + 6], paddingBottomRight: [right + 20, frameParts[2].offsetHeight + 6] };
    };
    var tool = tools(map, config);
    if (config.base) { ctzgisTools.base(map, config.base, config.words, boxes[0]); }
    fit();
    map.on("resize", fit);
    boxes[0].addEventListener("toggle", fit, true);
    map.on("overlayadd", function () { restack(map, config.entries); });
    /* A view set without animation leaves the canvas between pixels, and lines blurred. */
    map.on("viewreset", function () {
      map.eachLayer(function (layer) { if (layer instanceof L.Canvas) { L.Util.requestAnimFrame(layer._update, layer); } });
    });
    restack(map, config.entries);
    map.fitBounds(config.views[0].bounds, L.extend({ animate: false }, config.padding()));
    config.covers = frameParts.concat(boxes, [container.querySelector(".leaflet-top.leaflet-left"), tool.node, scale.getContainer()]);
    label(map, config);
    ctzgisTools.printing(map, config, boxes, ratio, fit);
  }

  return { card: card, fill: fill, finish: finish };
})(window.L, ctzgisTools, ctzgisSigns);
