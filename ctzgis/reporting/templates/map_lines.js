/* Very many lines as one thing: unpacked into plain arrays, drawn and found by pieces. */
(function (L, ctzgis) {
  "use strict";
  var ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  var PIECE = 400;      /* points drawn at once, and looked at together under the pointer */
  var SEEN_PX = 0.7;    /* points nearer than this to the one before are passed over */
  var THIN_PX = 1.6;    /* lines up to this width are small streets */
  var TRUE_ZOOM = 13;   /* where these have the width of the legend */

  /* From afar small streets are thinner, or a city of them is one dark spot; close by
     they are wider. */
  function seenAt(zoom, options) {
    if (options.weight > THIN_PX) { return options; }
    var share = Math.min(Math.max(1 + (zoom - TRUE_ZOOM) * 0.2, 0.3), 2.2);
    return L.extend({}, options, { weight: options.weight * share });
  }

  /* World coordinates, 0 to 1, of the lines of a text as Python's `packed` writes it. */
  function unpack(packed) {
    var digit = new Uint8Array(128), k;
    for (k = 0; k < 64; k += 1) { digit[ALPHABET.charCodeAt(k)] = k; }
    var text = packed.text, at = 0, unit = Math.pow(10, -packed.digits);
    var x = new Float64Array(packed.points), y = new Float64Array(packed.points);
    var starts = new Int32Array(packed.lines + 1);
    function number() {
      var value = 0, factor = 1, one;
      do {
        one = digit[text.charCodeAt(at)];
        at += 1;
        value += (one & 31) * factor;
        factor *= 32;
      } while (one > 31);
      return value;
    }
    function step() {
      var value = number();
      return value % 2 ? -(value + 1) / 2 : value / 2;
    }
    var east = 0, north = 0, point = 0;
    for (var line = 0; line < packed.lines; line += 1) {
      starts[line] = point;
      for (var left = number(); left > 0; left -= 1) {
        east += step();
        north += step();
        x[point] = east * unit / 360 + 0.5;
        y[point] = 0.5 - Math.log(Math.tan(Math.PI / 4 + north * unit * Math.PI / 360)) / (2 * Math.PI);
        point += 1;
      }
    }
    starts[packed.lines] = point;
    return { x: x, y: y, starts: starts };
  }

  /* Runs of lines that follow each other, with the box each fills. */
  function pieces(world) {
    var found = [], piece = null, lines = world.starts.length - 1;
    for (var line = 0; line < lines; line += 1) {
      if (!piece || world.starts[line] - world.starts[piece.from] > PIECE) {
        piece = { from: line, to: line, west: 1, east: 0, north: 1, south: 0 };
        found.push(piece);
      }
      piece.to = line + 1;
      for (var k = world.starts[line]; k < world.starts[line + 1]; k += 1) {
        piece.west = Math.min(piece.west, world.x[k]);
        piece.east = Math.max(piece.east, world.x[k]);
        piece.north = Math.min(piece.north, world.y[k]);
        piece.south = Math.max(piece.south, world.y[k]);
      }
    }
    return found;
  }

  var Lines = L.Path.extend({
    options: { fill: false },

    initialize: function (packed, options) {
      L.setOptions(this, options);
      this._world = unpack(packed);
      this._pieces = pieces(this._world);
    },

    getBounds: function () {
      var west = 1, east = 0, north = 1, south = 0;
      this._pieces.forEach(function (piece) {
        west = Math.min(west, piece.west);
        east = Math.max(east, piece.east);
        north = Math.min(north, piece.north);
        south = Math.max(south, piece.south);
      });
      function corner(x, y) {
        return L.latLng(Math.atan(Math.exp(Math.PI * (1 - 2 * y))) * 360 / Math.PI - 90, 360 * (x - 0.5));
      }
      return L.latLngBounds(corner(west, south), corner(east, north));
    },

    getCenter: function () { return this.getBounds().getCenter(); },

    _project: function () {
      var bounds = this.getBounds();
      this._rawPxBounds = L.bounds([
        this._map.latLngToLayerPoint(bounds.getSouthWest()),
        this._map.latLngToLayerPoint(bounds.getNorthEast())
      ]);
      this._scale = this._map.options.crs.scale(this._map.getZoom());
      this._origin = this._map.getPixelOrigin();
      this._updateBounds();
    },

    _updateBounds: function () {
      var rim = this._clickTolerance();
      if (!this._rawPxBounds) { return; }
      this._pxBounds = L.bounds(
        this._rawPxBounds.min.subtract([rim, rim]), this._rawPxBounds.max.add([rim, rim])
      );
    },

    _update: function () { if (this._map) { this._updatePath(); } },

    _empty: function () { return !this._pieces.length; },

    /* Pieces whose box comes as near as this to a box of layer points. */
    _within: function (min, max, rim) {
      var scale = this._scale, origin = this._origin;
      var west = (min.x - rim + origin.x) / scale, east = (max.x + rim + origin.x) / scale;
      var north = (min.y - rim + origin.y) / scale, south = (max.y + rim + origin.y) / scale;
      return this._pieces.filter(function (piece) {
        return piece.west <= east && piece.east >= west && piece.north <= south && piece.south >= north;
      });
    },

    _updatePath: function () {
      var renderer = this._renderer;
      if (!renderer._drawing) { return; }  /* it will ask again when it draws */
      var bounds = renderer._redrawBounds || renderer._bounds;
      var context = renderer._ctx, self = this;
      var drawn = { options: seenAt(this._map.getZoom(), this.options) };
      this._within(bounds.min, bounds.max, this.options.weight).forEach(function (piece) {
        context.beginPath();
        self._trace(context, piece);
        renderer._fillStroke(context, drawn);
      });
    },

    _trace: function (context, piece) {
      var world = this._world, scale = this._scale, left = this._origin.x, top = this._origin.y;
      for (var line = piece.from; line < piece.to; line += 1) {
        var last = world.starts[line + 1] - 1, k = world.starts[line];
        var px = world.x[k] * scale - left, py = world.y[k] * scale - top;
        context.moveTo(px, py);
        for (k += 1; k <= last; k += 1) {
          var qx = world.x[k] * scale - left, qy = world.y[k] * scale - top;
          if (k === last || Math.abs(qx - px) > SEEN_PX || Math.abs(qy - py) > SEEN_PX) {
            context.lineTo(qx, qy);
            px = qx;
            py = qy;
          }
        }
      }
    },

    _containsPoint: function (point) {
      var reach = this._clickTolerance(), world = this._world;
      var scale = this._scale, left = this._origin.x, top = this._origin.y;
      function at(k) { return L.point(world.x[k] * scale - left, world.y[k] * scale - top); }
      return this._within(point, point, reach).some(function (piece) {
        for (var line = piece.from; line < piece.to; line += 1) {
          for (var k = world.starts[line] + 1; k < world.starts[line + 1]; k += 1) {
            if (L.LineUtil.pointToSegmentDistance(point, at(k - 1), at(k)) <= reach) { return true; }
          }
        }
        return false;
      });
    }
  });

  /* Draw packed lines into a group, with a card for all of one class. */
  ctzgis.fillLines = function (group, all, options) {
    all.forEach(function (packed) {
      var style = L.extend({ interactive: options.interactive }, options.styles[packed.s]);
      var layer = new Lines(packed, style);
      packed.text = null;  /* the arrays are all that is needed from here */
      if (options.interactive) {
        layer.bindPopup(function () { return ctzgis.card(packed); }, { maxWidth: 320 });
        if (options.hover) {
          var name = function () {
            var span = document.createElement("span");
            span.textContent = packed.t;
            return span;
          };
          layer.bindTooltip(name, { sticky: true });
          layer.on("popupopen", function () { layer.closeTooltip(); });
        }
      }
      layer.addTo(group);
    });
  };
})(window.L, ctzgis);
