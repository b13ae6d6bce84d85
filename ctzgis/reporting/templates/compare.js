/* Maps side by side that move together, with one list of layers and one legend.
   Text from data only ever becomes a text node; nothing here parses it as HTML. */
var ctzgisPanes = (function () {
  "use strict";
  L.Canvas.mergeOptions({ tolerance: 4, padding: 0.3 });

  function add(parent, tag, className, text) {
    var node = document.createElement(tag);
    if (className) { node.className = className; }
    if (text !== undefined) { node.textContent = text; }
    if (parent) { parent.appendChild(node); }
    return node;
  }

  function card(properties) {
    var box = add(null, "div", "card");
    add(box, "b", "", properties.t);
    var table = add(box, "table");
    properties.r.forEach(function (row) {
      var line = add(table, "tr");
      add(line, "th", "", row[0]);
      add(line, "td", "", row[1]);
    });
    return box;
  }

  /* Whatever one map shows, the others show. */
  function link(maps) {
    var moving = false;
    maps.forEach(function (map) {
      map.on("move", function () {
        if (moving) { return; }
        moving = true;
        maps.forEach(function (other) {
          if (other !== map) { other.setView(map.getCenter(), map.getZoom(), { animate: false }); }
        });
        moving = false;
      });
      map.pointers = maps.filter(function (other) { return other !== map; }).map(function (other) {
        return L.circleMarker([0, 0], { radius: 7, color: "#1a1a1a", weight: 2, fill: false, interactive: false, pane: "pointers", renderer: other.pointerRenderer });
      });
      map.on("mousemove", function (event) {
        var others = maps.filter(function (other) { return other !== map; });
        others.forEach(function (other, index) { map.pointers[index].setLatLng(event.latlng).addTo(other); });
      });
      map.on("mouseout", function () { map.pointers.forEach(function (pointer) { pointer.remove(); }); });
    });
  }

  function named(group, entry, feature) {
    var text = add(null, "span", "", feature.properties.l);
    var icon = L.divIcon({ className: "name name-" + entry.id, html: text, iconSize: null });
    L.marker(feature.properties.p, { icon: icon, interactive: false, keyboard: false }).addTo(group);
  }

  function fill(entry, data) {
    var group = L.featureGroup();
    L.geoJSON(data, {
      interactive: entry.interactive,
      style: function (feature) { return entry.styles[feature.properties.s]; },
      pointToLayer: function (feature, at) { return L.circleMarker(at, entry.styles[feature.properties.s]); },
      onEachFeature: function (feature, layer) {
        if (feature.properties.l) { named(group, entry, feature); }
        if (!entry.interactive) { return; }
        layer.bindPopup(function () { return card(feature.properties); }, { maxWidth: 300 });
        layer.bindTooltip(function () { return add(null, "span", "", feature.properties.t); }, { sticky: true });
        layer.on("popupopen", function () { layer.closeTooltip(); });
      }
    }).addTo(group);
    return group;
  }

  /* Names that would stand over others are hidden, counties first. */
  function arrange(map) {
    var taken = [];
    ["points", "projects", "counties"].forEach(function (kind) {
      map.getContainer().querySelectorAll(".name-" + kind + " > span").forEach(function (text) {
        text.style.visibility = "visible";
        var box = text.getBoundingClientRect();
        var covered = taken.some(function (other) {
          return box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom;
        });
        if (covered) { text.style.visibility = "hidden"; } else { taken.push(box); }
      });
    });
  }

  function bar(map, views) {
    var box = add(null, "div", "leaflet-bar");
    views.forEach(function (view) {
      var button = add(box, "a", "view", view.name);
      button.href = "#";
      button.setAttribute("role", "button");
      L.DomEvent.on(button, "click", function (event) {
        L.DomEvent.stop(event);
        map.fitBounds(view.bounds, { animate: false });
      });
    });
    var Control = L.Control.extend({ onAdd: function () { return box; } });
    new Control({ position: "topleft" }).addTo(map);
  }

  function north(map, letter) {
    var box = add(null, "div", "north");
    add(box, "div", "", letter);
    add(box, "div", "", "▲");
    var Control = L.Control.extend({ onAdd: function () { return box; } });
    new Control({ position: "topright" }).addTo(map);
  }

  function base(index, config) {
    var map = L.map("pane" + index, {
      preferCanvas: true, zoomSnap: 0.25, zoomDelta: 0.5, minZoom: 5, maxZoom: 17,
      attributionControl: false, zoomAnimation: false, fadeAnimation: false
    });
    map.createPane("pointers").style.zIndex = 640;
    map.getPane("pointers").style.pointerEvents = "none";
    map.pointerRenderer = L.svg({ pane: "pointers" });
    map.fitBounds(config.views[0].bounds, { animate: false });
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
    bar(map, config.views);
    north(map, config.words.north);
    map.on("moveend", function () { arrange(map); });
    return map;
  }

  return function (config, data) {
    var maps = config.panes.map(function (name, index) { return base(index, config); });
    link(maps);
    var placed = [];
    config.layers.forEach(function (entry, index) {
      entry.panes.forEach(function (pane) {
        placed.push({ entry: entry, map: maps[pane], group: fill(entry, data[index]) });
      });
    });
    var shown = {};
    config.layers.forEach(function (entry) { shown[entry.id] = entry.shown; });

    function draw() {
      placed.forEach(function (one) { one.group.remove(); });
      placed.forEach(function (one) { if (shown[one.entry.id]) { one.group.addTo(one.map); } });
      var list = document.getElementById("legend"), seen = {};
      list.textContent = "";
      config.layers.forEach(function (entry) {
        if (!shown[entry.id]) { return; }
        entry.legend.forEach(function (item) {
          if (seen[item.label]) { return; }
          seen[item.label] = true;
          var line = add(list, "div", "entry");
          line.appendChild(ctzgisSigns.swatch(item.look));
          add(line, "span", "", item.label);
        });
        if (entry.note && !seen[entry.note]) { seen[entry.note] = true; add(list, "div", "note", entry.note); }
      });
      maps.forEach(arrange);
    }

    var listed = {};
    config.layers.slice().reverse().forEach(function (entry) {
      if (listed[entry.id]) { return; }
      listed[entry.id] = true;
      var line = add(document.getElementById("layers"), "label");
      var tick = add(line, "input");
      tick.type = "checkbox";
      tick.checked = entry.shown;
      tick.setAttribute("data-layer", entry.id);
      line.appendChild(document.createTextNode(entry.name));
      tick.addEventListener("change", function () { shown[entry.id] = tick.checked; draw(); });
    });
    draw();
    return maps;
  };
})();
