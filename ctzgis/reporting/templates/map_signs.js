/* What is less than nothing differs by form too, for print in grey: areas are hatched,
   lines hollow, dots barred. On canvas and in the swatches of a legend. */
var ctzgisSigns = (function (L) {
  "use strict";
  var SVG = "http://www.w3.org/2000/svg";
  var TILE = 6, STRIPE = 1.5, BAR = 2, REACH = 0.6;
  var plain = L.Canvas.prototype._fillStroke;

  function hatch(context) {
    var tile = document.createElement("canvas");
    tile.width = tile.height = TILE;
    var pen = tile.getContext("2d");
    pen.strokeStyle = "#fff";
    pen.lineWidth = STRIPE;
    pen.beginPath();
    [-TILE, 0, TILE].forEach(function (shift) { pen.moveTo(shift - 1, TILE + 1); pen.lineTo(shift + TILE + 1, -1); });
    pen.stroke();
    return context.createPattern(tile, "repeat");
  }

  function hollow(weight) { return Math.min(weight * 0.4, Math.max(weight - 1.8, 0.5)); }

  function fillStroke(context, layer) {
    plain.call(this, context, layer);
    var look = layer.options;
    if (!look.below) { return; }
    context.save();
    context.globalAlpha = 1;
    context.strokeStyle = "#fff";
    if (look.radius !== undefined) {
      var half = look.radius * REACH;
      context.beginPath();
      context.moveTo(layer._point.x - half, layer._point.y);
      context.lineTo(layer._point.x + half, layer._point.y);
      context.lineWidth = BAR;
      context.stroke();
    } else if (look.fill) {
      context.fillStyle = hatch(context);
      context.fill("evenodd");
    } else {
      context.lineWidth = hollow(look.weight);
      context.stroke();
    }
    context.restore();
  }

  /* A page may hold this code twice. */
  fillStroke.ctzgis = true;
  if (!plain.ctzgis) { L.Canvas.include({ _fillStroke: fillStroke }); }

  /* Mark a swatch of 30 by 14 as the map marks what it stands for. */
  function mark(svg, look) {
    function stroke(x1, y1, x2, y2, width) {
      var line = document.createElementNS(svg.namespaceURI, "line");
      [["x1", x1], ["y1", y1], ["x2", x2], ["y2", y2], ["stroke", "#fff"], ["stroke-width", width]]
        .forEach(function (pair) { line.setAttribute(pair[0], pair[1]); });
      svg.appendChild(line);
    }
    if (!look.below) { return; }
    if (look.radius !== undefined) { stroke(15 - look.radius * REACH, 7, 15 + look.radius * REACH, 7, BAR); }
    else if (look.fill) { [2, 8, 14].forEach(function (x) { stroke(x + 1, 12, x + 11, 2, STRIPE); }); }
    else { stroke(1, 7, 29, 7, hollow(look.weight)); }
  }

  /* The picture of a look in a legend. */
  function swatch(look) {
    var svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("width", 30);
    svg.setAttribute("height", 14);
    var dot = look.radius !== undefined;
    var shape = document.createElementNS(SVG, dot ? "circle" : look.fill ? "rect" : "line");
    var at = dot ? { cx: 15, cy: 7, r: Math.min(look.radius, 6) }
      : look.fill ? { x: 2, y: 1.5, width: 26, height: 11 } : { x1: 1, y1: 7, x2: 29, y2: 7 };
    Object.keys(at).forEach(function (key) { shape.setAttribute(key, at[key]); });
    shape.setAttribute("stroke", look.stroke ? look.color : "none");
    shape.setAttribute("stroke-width", look.weight);
    if (look.opacity !== undefined) { shape.setAttribute("stroke-opacity", look.opacity); }
    shape.setAttribute("fill", look.fill ? look.fillColor : "none");
    if (look.fill && look.fillOpacity !== undefined) { shape.setAttribute("fill-opacity", look.fillOpacity); }
    if (look.dashArray) { shape.setAttribute("stroke-dasharray", look.dashArray); }
    svg.appendChild(shape);
    mark(svg, look);
    return svg;
  }

  return { swatch: swatch };
})(window.L);
