"""Ways to break a file, each a function of its bytes and a generator of numbers."""

import random
import re
from collections.abc import Callable

Mutator = Callable[[bytes, random.Random, bytes], bytes]

_INTEGERS = (
    *(0, 1, 2**31 - 1, 2**31, 2**32 - 1, 0x7F, 0x80, 0xFFFF, 0x7FFF_FFF0, 2**24),
    *(2**63 - 1, 2**64 - 1, 2**40),
)
_NUMBERS = (
    *(
        b"NaN",
        b"Infinity",
        b"-inf",
        b"1e400",
        b"-1",
        b"0",
        b"1e-400",
        b"0x10",
        b"1_000",
    ),
    *(b"99999999999999999999999", b"-0.0", b"null", b"true", "１２".encode(), b'""'),
)
_WORDS = (
    *(
        b"\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\r",
        b"\n\n",
        b'"',
        b"'",
        b"\\",
        b"<",
        b"&",
    ),
    *(b"<script>alert(1)</script>", b"=1+1", b"${x}", b"!!python/object:os.system"),
    *(b"&xxe;", b"../../etc/passwd", b"\\ud800", b"\xed\xa0\x80", "𠮷龘".encode()),
    *(
        "长".encode("gbk"),
        b"\xe9\x95",
        b"]]>",
        b"-->",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b";",
    ),
)


def _place(content: bytes, rng: random.Random) -> int:
    # Heads hold what all the rest hangs on: every third change goes there.
    limit = min(len(content), 256) if rng.random() < 0.33 else len(content)
    return rng.randrange(max(limit, 1))


def _span(content: bytes, rng: random.Random) -> tuple[int, int]:
    start = _place(content, rng)
    return start, min(len(content), start + rng.choice((1, 4, 16, 64, 512, 4096)))


def flip_bits(content: bytes, rng: random.Random, _: bytes) -> bytes:
    changed = bytearray(content)
    for _number in range(rng.choice((1, 1, 2, 8))):
        if changed:
            changed[_place(content, rng)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def set_bytes(content: bytes, rng: random.Random, _: bytes) -> bytes:
    start, end = _span(content, rng)
    fill = rng.choice((b"\0", b"\xff", None))
    new = rng.randbytes(end - start) if fill is None else fill * (end - start)
    return content[:start] + new + content[end:]


def cut(content: bytes, rng: random.Random, _: bytes) -> bytes:
    return content[: rng.randrange(max(len(content), 1))]


def cut_near_the_end(content: bytes, rng: random.Random, _: bytes) -> bytes:
    return content[: max(0, len(content) - rng.randrange(1, 64))]


def append(content: bytes, rng: random.Random, _: bytes) -> bytes:
    return content + rng.choice((b"\0" * 16, b"\xff" * 7, rng.randbytes(33), content))


def drop_block(content: bytes, rng: random.Random, _: bytes) -> bytes:
    start, end = _span(content, rng)
    return content[:start] + content[end:]


def double_block(content: bytes, rng: random.Random, _: bytes) -> bytes:
    start, end = _span(content, rng)
    return content[:end] + content[start:end] * rng.choice((1, 1, 40)) + content[end:]


def swap_blocks(content: bytes, rng: random.Random, _: bytes) -> bytes:
    a, b, c, d = sorted(_place(content, rng) for _number in range(4))
    return content[:a] + content[c:d] + content[b:c] + content[a:b] + content[d:]


def splice(content: bytes, rng: random.Random, other: bytes) -> bytes:
    at = _place(content, rng)
    there = min(at, len(other)) if rng.random() < 0.5 else rng.randrange(len(other) + 1)
    return content[:at] + other[there:]


def set_integer(content: bytes, rng: random.Random, _: bytes) -> bytes:
    size = rng.choice((2, 4, 4, 8))
    at = _place(content, rng) // 4 * 4
    value = rng.choice(_INTEGERS) % (1 << 8 * size)
    order = rng.choice(("little", "big"))
    return content[:at] + value.to_bytes(size, order) + content[at + size :]


def set_number(content: bytes, rng: random.Random, _: bytes) -> bytes:
    found = list(re.finditer(rb"-?\d+\.?\d*", content))
    if not found:
        return content + rng.choice(_NUMBERS)
    match = rng.choice(found)
    return content[: match.start()] + rng.choice(_NUMBERS) + content[match.end() :]


def drop_sign(content: bytes, rng: random.Random, _: bytes) -> bytes:
    found = [m.start() for m in re.finditer(rb"[\"',;:\n<>{}\[\]=/]", content)]
    if not found:
        return content[1:]
    at = rng.choice(found)
    return content[:at] + content[at + 1 :]


def insert_word(content: bytes, rng: random.Random, _: bytes) -> bytes:
    at = _place(content, rng)
    return content[:at] + rng.choice(_WORDS) + content[at:]


def insert_nesting(content: bytes, rng: random.Random, _: bytes) -> bytes:
    at = _place(content, rng)
    deep = rng.choice((b"[", b'{"a":', b"<a>", b"(", b'"', b"- ")) * rng.choice(
        (200, 20_000)
    )
    return content[:at] + deep + content[at:]


def insert_long_line(content: bytes, rng: random.Random, _: bytes) -> bytes:
    at = _place(content, rng)
    return content[:at] + rng.choice((b"9", b"a", b",", b" ")) * 300_000 + content[at:]


def change_encoding(content: bytes, rng: random.Random, _: bytes) -> bytes:
    name = rng.choice(("utf-16", "gb18030", "utf-8-sig", "utf-32", "big5", "latin-1"))
    return content.decode("utf-8", "replace").encode(name, "replace")


def mix_encodings(content: bytes, rng: random.Random, _: bytes) -> bytes:
    middle = _place(content, rng)
    head = content[:middle].decode("utf-8", "replace").encode("gb18030", "replace")
    return head + content[middle:]


def declare_entities(content: bytes, rng: random.Random, _: bytes) -> bytes:
    bomb = "".join(
        f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 10}">' for n in range(9)
    )
    kinds = (
        '<!DOCTYPE x [<!ENTITY e8 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://192.0.2.1/e.dtd"> %p;]>',
        f"<!DOCTYPE x [{bomb}]>",
    )
    # Used where a value stands, else nobody expands it.
    used = content.replace(b"residential", b"&e8;", 1)
    start = used.find(b"?>") + 2 if used.startswith(b"<?xml") else 0
    return used[:start] + rng.choice(kinds).encode() + used[start:]


BINARY: tuple[Mutator, ...] = (
    flip_bits, set_bytes, cut, cut_near_the_end, append, drop_block, double_block,
    swap_blocks, splice, set_integer, set_integer, set_integer,
)  # fmt: skip
TEXT: tuple[Mutator, ...] = (
    flip_bits, set_bytes, cut, cut_near_the_end, drop_block, double_block, swap_blocks,
    splice, set_number, set_number, set_number, drop_sign, drop_sign, insert_word,
    insert_word, insert_nesting, insert_long_line, change_encoding, mix_encodings,
    declare_entities,
)  # fmt: skip
CUTS = (cut.__name__, cut_near_the_end.__name__)
