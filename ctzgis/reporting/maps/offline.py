"""Turn a page that loads from the web into one that asks no host (离线页面)."""

import base64
import functools
import importlib.resources
import re
import tomllib
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

from ctzgis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = [
    "ExternalAssetError",
    "VendoredFile",
    "asset_tags",
    "inline_assets",
    "linked_tags",
    "vendored",
]

# Browsers refuse every request of a page that says this, whatever its scripts try;
# images may come from the hosts of a base map.
_POLICY: Final = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "img-src data: blob:{hosts}; font-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; "
    "script-src 'unsafe-inline'\"/>"
)
_LOADING_ATTRIBUTES: Final = frozenset(
    {"src", "srcset", "href", "data", "poster", "background"}
)
_CSS_URL: Final = re.compile(r"url\(\s*(['\"]?)(?P<url>[^'\")]+)\1\s*\)")
_LOADED_BY_STYLE: Final = re.compile(
    r"(url\(\s*|@import\s+)['\"]?(?P<url>(https?:)?//[^'\")\s;]+)", re.IGNORECASE
)
_SOURCE_MAP: Final = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)
_HEAD: Final = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_HARMLESS: Final = ("data:", "blob:", "#", "about:")
_ICON_SETUP: Final = (
    "\nL.Icon.Default.imagePath='';L.Icon.Default.mergeOptions("
    "{{iconUrl:'{icon}',iconRetinaUrl:'{icon}',shadowUrl:'{shadow}'}});"
)


class ExternalAssetError(InputError):
    """
    A page loads something that is not among the vendored files.

    Attributes
    ----------
    url
        What it loads.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(
            f"the page loads {url}, which is not vendored, so it would not work offline; "
            "leave out the plugin or tile layer that needs it, or save the map as folium does"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VendoredFile:
    """
    One file of another project that pages carry with them.

    Attributes
    ----------
    name
        File name.
    library, version, licence, home
        What it is part of.
    licence_file
        Name of the file with the text of the licence.
    sha256
        Hash of the file as its project published it.
    stands_for
        Regular expression for the end of the addresses it replaces; empty if none.
    address
        Where the same file is found on the web; empty if pages never link to it.
    """

    name: str
    library: str
    version: str
    licence: str
    licence_file: str
    home: str
    sha256: str
    stands_for: str = ""
    address: str = ""

    def read(self) -> bytes:
        """Return the content of the file."""
        return _read(self.name)


@functools.cache
def vendored() -> "Mapping[str, VendoredFile]":
    """
    Return the vendored files by name.

    Examples
    --------
    >>> vendored()["leaflet.js"].version
    '1.9.4'
    """
    listing = tomllib.loads(_read("VENDORED.toml").decode())
    files = [VendoredFile(**entry) for entry in listing["file"]]
    return {file.name: file for file in files}


def inline_assets(html: str, *, images_from: "Sequence[str]" = ()) -> str:
    """
    Return a page with everything it loads put into it.

    Scripts and style sheets of Leaflet and jQuery are replaced by the vendored
    files, whatever host they were to come from, and a policy is added that keeps the
    page from asking any host. Links a reader may click stay.

    Parameters
    ----------
    html
        A page, e.g. of a rendered folium map.
    images_from
        Hosts that the page may ask for images, e.g. for the tiles of a base map.

    Returns
    -------
    str
        One page that works without a network, but for those images.

    Raises
    ------
    ExternalAssetError
        If the page loads anything else.

    Examples
    --------
    >>> page = '<head><script src="https://x.org/leaflet@1.9.3/dist/leaflet.js"></script></head>'
    >>> "x.org" in inline_assets(page)
    False
    >>> inline_assets('<img src="https://x.org/logo.png">')
    Traceback (most recent call last):
    ...
    ctzgis.reporting.maps.offline.ExternalAssetError: the page loads https://x.org/logo.png, ...
    """
    reader = _LoadingTags()
    reader.feed(html)
    reader.close()
    parts, done = [], 0
    for tag in reader.found:
        parts += [html[done : tag.start], tag.replacement]
        done = tag.start + tag.length
    page = "".join([*parts, html[done:]])
    policy = _POLICY.format(hosts="".join(f" {host}" for host in images_from))
    if policy in page:
        return page
    head = _HEAD.search(page)
    at = head.end() if head else 0
    return page[:at] + policy + page[at:]


@functools.cache
def asset_tags() -> str:
    """Return the tags that bring Leaflet and jQuery into a page without loading them."""
    return "\n".join(
        [
            f"<style>{_style('leaflet.css')}</style>",
            *(
                f"<script>{_script(name)}</script>"
                for name in ("leaflet.js", "jquery.slim.min.js")
            ),
        ]
    )


@functools.cache
def linked_tags() -> str:
    """Return the tags that load the same files from the web, checked by their hash."""
    tags = []
    for name in ("leaflet.css", "leaflet.js", "jquery.slim.min.js"):
        file = vendored()[name]
        digest = base64.b64encode(bytes.fromhex(file.sha256)).decode()
        checked = f'integrity="sha256-{digest}" crossorigin="anonymous"'
        if name.endswith(".css"):
            tags.append(f'<link rel="stylesheet" href="{file.address}" {checked}/>')
        else:
            tags.append(f'<script src="{file.address}" {checked}></script>')
    return "\n".join(tags)


@dataclass(frozen=True, slots=True)
class _Tag:
    start: int
    length: int
    replacement: str


class _LoadingTags(HTMLParser):
    """Finds the tags that load something; what scripts hold as text is no tag."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Tag] = []
        self._line_starts: list[int] = []
        self._in_style = False

    def feed(self, data: str) -> None:
        self._line_starts = [0, *(m.end() for m in re.finditer("\n", data))]
        super().feed(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        for url in _loaded(tag, attrs):
            replacement = _replacement(tag, url)
            line, column = self.getpos()
            text = self.get_starttag_text() or ""
            start = self._line_starts[line - 1] + column
            self.found.append(_Tag(start, len(text), replacement))

    def handle_endtag(self, tag: str) -> None:
        self._in_style = self._in_style and tag != "style"

    def handle_data(self, data: str) -> None:
        if self._in_style and (loaded := _LOADED_BY_STYLE.search(data)):
            raise ExternalAssetError(loaded["url"])


def _loaded(tag: str, attrs: list[tuple[str, str | None]]) -> "Iterator[str]":
    if tag in {"a", "area"}:  # followed when clicked, not loaded
        return
    for name, value in attrs:
        url = (value or "").strip()
        if (
            name in _LOADING_ATTRIBUTES
            and url
            and not url.lower().startswith(_HARMLESS)
        ):
            yield url


def _replacement(tag: str, url: str) -> str:
    address = url.split("?")[0].split("#")[0]
    for file in vendored().values():
        if file.stands_for and re.search(rf"(^|/){file.stands_for}$", address):
            if tag == "script" and file.name.endswith(".js"):
                return f"<script>{_script(file.name)}"  # its end tag stays
            if tag == "link" and file.name.endswith(".css"):
                return f"<style>{_style(file.name)}</style>"
    raise ExternalAssetError(url)


def _script(name: str) -> str:
    """Return a vendored script, under its licence, safe between script tags."""
    text = _SOURCE_MAP.sub("", _read(name).decode())
    if name == "leaflet.js":
        # Leaflet looks for its marker images beside its style sheet's address.
        text += _ICON_SETUP.format(
            icon=_data_uri("marker-icon.png"), shadow=_data_uri("marker-shadow.png")
        )
    # The same string to JavaScript, but nothing that looks like a request or an end tag.
    text = text.replace('href="https://', 'href="https:\\/\\/').replace(
        "</script", "<\\/script"
    )
    licence = _read(vendored()[name].licence_file).decode().strip()
    return f"/*\n{licence}\n*/\n{text}"


def _style(name: str) -> str:
    """Return a vendored style sheet with its images in it."""

    def embedded(match: re.Match[str]) -> str:
        url = match["url"]
        if url.lower().startswith(_HARMLESS):
            return match[0]
        image = url.rsplit("/", 1)[-1]
        if image not in vendored():
            raise ExternalAssetError(url)
        return f"url({_data_uri(image)})"

    return _CSS_URL.sub(embedded, _read(name).decode())


def _data_uri(image: str) -> str:
    return "data:image/png;base64," + base64.b64encode(_read(image)).decode()


def _read(name: str) -> bytes:
    folder = importlib.resources.files("ctzgis.reporting") / "vendor"
    return (folder / name).read_bytes()
