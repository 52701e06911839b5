"""A workbook's zip package: every part that is not replaced comes out with the content it had.

Files come from anywhere, so what is unpacked is limited and what is not an ordinary, unprotected
Excel workbook is refused before anything in it is read.
"""

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from copy import copy
from pathlib import Path
from typing import BinaryIO, Self

from genomlysning.fel import FilFel, Meddelande, describe_systemfel

#: The most that all parts together may come to, and how hard a large part may be packed.
MAX_UPPACKAT = 200_000_000
MAX_TATHET = 400
_STOR_DEL = 5_000_000
MAX_DELAR = 2_000
#: How an Office file of the old kind begins, and one that is encrypted.
OLE = b"\xd0\xcf\x11\xe0"
#: What a workbook may be called: without macros, and with.
FILTYPER = (".xlsx", ".xlsm")
_KRYPTERAD, _UTF8 = 0x1, 0x800
#: The records of a zip file: before each part, and in the directory last (APPNOTE 4.3).
_HUVUD, _POST = b"PK\3\4", b"PK\1\2\x14\0"
_OM_DEL, _OM_POST = struct.Struct("<5H3L2H"), struct.Struct("<3H2L")
_SLUT = struct.Struct("<4s4H2LH")
#: The first day that a zip file can tell of.
_DAG = 0x21

FIL_SAKNAS = Meddelande(
    "bok-saknas", "Filen {fil} finns inte.", "Kontrollera mappen och filnamnet."
)
FIL_OLASBAR = Meddelande(
    "bok-olasbar",
    "Filen {fil} kan inte läsas ({orsak}).",
    "Stäng den om den är öppen i ett annat program och kontrollera att du får läsa den.",
)
FIL_AR_MAPP = Meddelande(
    "bok-ar-mapp", "{fil} är en mapp.", "Ange en arbetsbok (.xlsx eller .xlsm)."
)
FEL_FILTYP = Meddelande(
    "bok-fel-filtyp",
    "Filen {fil} är ingen arbetsbok av typen .xlsx eller .xlsm.",
    "Öppna den i Excel, välj Spara som och typen Excel-arbetsbok.",
)
LOSENORD = Meddelande(
    "bok-losenord",
    "Filen {fil} är skyddad med lösenord eller sparad i Excels gamla format.",
    "Öppna den i Excel, ta bort lösenordet under Arkiv, Info och spara den som Excel-arbetsbok.",
)
TRASIG = Meddelande(
    "bok-trasig",
    "Filen {fil} är skadad: {vad}.",
    "Öppna den i Excel, låt Excel reparera den och spara, eller ta fram en tidigare kopia.",
)
FOR_STOR = Meddelande(
    "bok-for-stor",
    "Filen {fil} är för stor för att vara en genomlysning.",
    "Kontrollera att du har angett rätt fil.",
)


def check_filtyp(fil: Path) -> None:
    """Refuse a folder, and a file that is no workbook by its name."""
    with suppress(OSError):  # told when it is read
        if fil.is_dir():
            raise FilFel(FIL_AR_MAPP, fil=fil)
    if fil.suffix.lower() not in FILTYPER:
        raise FilFel(FEL_FILTYP, fil=fil)


@contextmanager
def open_fil(fil: Path) -> Iterator[BinaryIO]:
    """Open a file to read; raises FilFel that says what stops it, also while it is read."""
    try:
        if fil.is_dir():
            raise FilFel(FIL_AR_MAPP, fil=fil)
        with fil.open("rb") as stream:
            yield stream
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FilFel(FIL_SAKNAS, fil=fil) from error
    except OSError as error:
        raise FilFel(FIL_OLASBAR, fil=fil, orsak=describe_systemfel(error)) from error


class Paket:
    """The parts of one workbook, in the order and with the metadata they came in.

    `original` is the whole file as it was read.
    """

    def __init__(
        self,
        original: bytes,
        infos: list[zipfile.ZipInfo],
        delar: dict[str, bytes],
        kommentar: bytes,
    ) -> None:
        self.original = original
        self._infos = infos
        self._delar = delar
        # Those that the directory says, which each part has been held to.
        self._summor = {i.filename: i.CRC for i in infos}
        self._kommentar = kommentar

    @classmethod
    def open(
        cls, fil: Path, mest: int = MAX_UPPACKAT, utan: Callable[[str], bool] = lambda _: False
    ) -> Self:
        """Read a workbook file; raises FilFel for what is none or can't be read safely.

        `mest` is the most that the file, and all its parts together, may come to in bytes. Parts
        whose names `utan` picks are not unpacked, for who only reads.
        """
        with open_fil(fil) as stream:
            if os.fstat(stream.fileno()).st_size > mest:
                raise FilFel(FOR_STOR, fil=fil)
            content = stream.read()
        return cls.from_bytes(content, fil, mest, utan)

    @classmethod
    def from_bytes(
        cls,
        content: bytes,
        fil: Path,
        mest: int = MAX_UPPACKAT,
        utan: Callable[[str], bool] = lambda _: False,
    ) -> Self:
        """Read a workbook's bytes; `fil` names it in messages."""
        if content.startswith(OLE):
            raise FilFel(LOSENORD, fil=fil)
        if not content.startswith(b"PK"):
            raise FilFel(FEL_FILTYP, fil=fil)
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                infos = package.infolist()
                _check(infos, fil, mest)
                parts = {i.filename: _unpack(content, i) for i in infos if not utan(i.filename)}
                comment = package.comment
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError) as error:
            raise FilFel(TRASIG, fil=fil, vad="den går inte att packa upp") from error
        if "[Content_Types].xml" not in parts:
            raise FilFel(FEL_FILTYP, fil=fil)
        return cls(content, infos, parts, comment)

    def __contains__(self, name: str) -> bool:
        return name in self._delar

    def __iter__(self) -> Iterator[str]:
        return iter(self._delar)

    def __getitem__(self, name: str) -> bytes:
        return self._delar[name]

    def replace(self, name: str, content: bytes) -> None:
        """Give a part that there is a new content."""
        if name not in self._delar:
            raise KeyError(name)
        self._delar[name] = content
        self._summor[name] = zlib.crc32(content)

    def add(self, name: str, content: bytes) -> None:
        """Add a part, last."""
        if name in self._delar:
            raise KeyError(name)
        info = zipfile.ZipInfo(name)  # of the first day that a zip file can tell of
        info.compress_type = zipfile.ZIP_DEFLATED
        self._infos.append(info)
        self._delar[name] = content
        self._summor[name] = zlib.crc32(content)

    def repack(self, names: Iterable[str]) -> io.BytesIO:
        """Return a package of these parts alone, not compressed, for another reader.

        What that reads is what has been unpacked and checked here, whatever the file's own
        directory says of it.
        """
        body, directory, place = [], [], 0
        for name in names:
            part, title = self._delar[name], name.encode()
            about = _OM_DEL.pack(
                *(20, _UTF8, zipfile.ZIP_STORED, 0, _DAG),
                *(self._summor[name], len(part), len(part), len(title), 0),
            )
            body += [_HUVUD, about, title, part]
            directory += [_POST, about, _OM_POST.pack(0, 0, 0, 0, place), title]
            place += len(_HUVUD) + len(about) + len(title) + len(part)
        listing = b"".join(directory)
        count = len(body) // 4
        end = _SLUT.pack(b"PK\5\6", 0, 0, count, count, len(listing), place, 0)
        return io.BytesIO(b"".join((*body, listing, end)))

    def write(self, fil: Path | BinaryIO) -> None:
        """Write the package to `fil`, which is overwritten, or into memory. Raises OSError."""
        with zipfile.ZipFile(fil, "w") as package:
            package.comment = self._kommentar
            for info in self._infos:
                # A copy, since writing puts new sizes and places in it.
                package.writestr(copy(info), self._delar[info.filename])


def _unpack(content: bytes, info: zipfile.ZipInfo) -> bytes:
    """Return a part, which must be what the directory says of it: name, place, size and sum.

    `zipfile` reads one in twice the time, most of it to be able to read in small pieces. Raises
    BadZipFile or zlib.error.
    """
    start = info.header_offset
    if content[start : start + len(_HUVUD)] != _HUVUD:
        raise zipfile.BadZipFile(info.filename)
    try:
        *_, length, extra = _OM_DEL.unpack_from(content, start + len(_HUVUD))
    except struct.error as error:
        raise zipfile.BadZipFile(info.filename) from error
    start += len(_HUVUD) + _OM_DEL.size
    name = info.orig_filename
    plain = name.isascii() or info.flag_bits & _UTF8  # the older coding takes its time
    if content[start : start + length] != name.encode("utf-8" if plain else "cp437"):
        raise zipfile.BadZipFile(info.filename)
    start += length + extra
    packed = content[start : start + info.compress_size]
    if info.compress_type == zipfile.ZIP_DEFLATED:
        # A byte more than it should be, to tell if there is more.
        part = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, info.file_size + 1)
    elif info.compress_type == zipfile.ZIP_STORED:
        part = packed
    else:
        raise zipfile.BadZipFile(info.filename)
    if len(part) != info.file_size or zlib.crc32(part) != info.CRC:
        raise zipfile.BadZipFile(info.filename)
    return part


def _check(infos: list[zipfile.ZipInfo], fil: Path, mest: int) -> None:
    # Excel does not tell case apart in the names of parts.
    names = [i.filename.lower() for i in infos]
    if len(names) != len(set(names)):
        raise FilFel(TRASIG, fil=fil, vad="en del finns två gånger")
    if any("\\" in n or n.startswith("/") or ".." in n.split("/") for n in names):
        raise FilFel(TRASIG, fil=fil, vad="en del pekar utanför filen")
    if any(i.flag_bits & _KRYPTERAD for i in infos):
        raise FilFel(LOSENORD, fil=fil)
    dense = any(
        i.file_size > _STOR_DEL and i.file_size > MAX_TATHET * max(i.compress_size, 1)
        for i in infos
    )
    if dense or len(infos) > MAX_DELAR or sum(i.file_size for i in infos) > mest:
        raise FilFel(FOR_STOR, fil=fil)
